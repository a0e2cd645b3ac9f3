"""Filters against documents: what is found, and what is not."""

import pytest

from scim_bridge.scim.filter import Compare, Not, Or, Present, Slot, ValuePath, filled, matches
from scim_bridge.scim.filter_parser import parse
from scim_bridge.scim.resources import AMONG_GROUPS, AMONG_USERS, GROUP_TYPE, USER_TYPE

from .documents import ENTERPRISE

LENA = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
    "id": "5c0d",
    "externalId": "lena.B",
    "userName": "Lena.B@Contoso.test",
    "title": "Rigger",
    "active": True,
    "name": {"familyName": "Brandt"},
    "emails": [
        {"type": "work", "value": "lena@contoso.test", "primary": True},
        {"type": "home", "value": "lena@home.example"},
    ],
    "addresses": [],
    "roles": [{"value": 'say "hi" \\ ]'}],
    ENTERPRISE: {"department": "Docks", "manager": {"value": "2f0c"}},
    "meta": {"resourceType": "User", "created": "2015-10-10T21:38:21.861Z"},
}


def _finds(text, resource_type=USER_TYPE, document=LENA):
    return matches(parse(text, resource_type), document)


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "lena.b@contoso.test"',
        'USERNAME Eq "LENA.B@CONTOSO.TEST"',
        'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "lena.b@contoso.test"',
        'externalId eq "lena.B"',
        'id eq "5c0d" and manager eq "2f0c"',
        f'{ENTERPRISE}:department eq "docks"',
        f'{ENTERPRISE}:manager.value eq "2f0c"',
        'department eq "docks"',
        'userName ne "x"',
        'nickName ne "x"',
        'title co "GG"',
        'title sw "rig"',
        'title ew "GER"',
        'title gt "Rigga"',
        'title ge "rigger"',
        'title lt "s"',
        'title le "rigger"',
        "title pr",
        "not (nickName pr)",
        "not(nickName pr)",
        "nickName eq null",
        "title ne null",
        "active eq true",
        'active eq "True"',
        "not (active eq false)",
        "active ne false",
        'emails co "HOME"',
        'emails.value eq "lena@home.example"',
        'emails[type eq "work"].value eq "lena@contoso.test"',
        'emails[type eq "work"] eq "lena@contoso.test"',
        'emails[type eq "work" and value co "contoso"]',
        'emails[type eq "home" and not (primary eq true)]',
        "emails[primary eq true].value pr",
        'emails[primary eq "True"].type eq "work"',
        "emails pr",
        "name pr",
        f"{ENTERPRISE} pr",
        'meta.resourceType eq "User"',
        'meta.created gt "2015-10-10T14:38:20-07:00"',
        "meta.Created lt 2015-10-10T14:38:22.8617979-07:00",
        f'schemas eq "{ENTERPRISE}"',
        r'roles eq "say \"hi\" \\ ]"',
        "userName eq lena.b@contoso.test",
        "externalId eq lena.B",
        "name.FamilyName eq Brandt and (emails.Value co example.com or emails.Value co home.example)",
        'title eq "x" and title eq "y" or title eq "rigger"',
        'title eq "rigger" or title eq "x" and title eq "y"',
        '(title eq "rigger" or title eq "x") and active eq true',
        ' ( ( title  eq  "rigger" ) ) ',
    ],
)
def test_a_filter_finds_what_it_should(text):
    assert _finds(text)


@pytest.mark.parametrize(
    "text",
    [
        'externalId eq "LENA.B"',
        'nickName eq ""',
        'nickName co ""',
        "nickName pr",
        "addresses pr",
        "userName eq null",
        'userName eq "null"',
        "userName eq \"' OR '1'='1\"",
        'title gt "Rigger"',
        'emails[type eq "home" and value co "contoso"]',
        'emails[type eq "home"].value eq "lena@contoso.test"',
        'emails[type eq "other"] eq "lena@contoso.test"',
        "not (title pr) and nickName pr or nickName pr",
        '(title eq "rigger" or title eq "x") and active eq false',
        'meta.created lt "2015-10-10T21:38:21Z"',
    ],
)
def test_a_filter_does_not_find_what_it_should_not(text):
    assert not _finds(text)


@pytest.mark.parametrize("text", ['members eq "u1"', 'id eq "g1" and members eq "u1"', 'members[value eq "u1"]'])
def test_33_members_without_a_sub_attribute_are_compared_by_value(text):
    assert _finds(text, GROUP_TYPE, {"id": "g1", "members": [{"value": "u0"}, {"value": "u1"}]})


def test_101_among_several_types_a_foreign_attribute_is_understood_and_has_no_value():
    foreign = parse('userName eq "x"', AMONG_GROUPS)

    assert not matches(foreign, {"id": "g1", "displayName": "x"})
    assert matches(parse('members.value ne "u1"', AMONG_USERS), LENA)
    assert not matches(parse("members pr", AMONG_USERS), LENA)


def test_values_stand_where_their_slots_were():
    title, emails = USER_TYPE.find("title"), USER_TYPE.find("emails")
    shape = Or((Not(Compare(title, "eq", Slot(1))), ValuePath(emails, Compare(title, "co", Slot(0))), Present(title)))

    assert filled(shape, ("a", "b")) == Or(
        (Not(Compare(title, "eq", "b")), ValuePath(emails, Compare(title, "co", "a")), Present(title))
    )


def test_a_shape_can_be_filled_again():
    shape = Compare(USER_TYPE.find("title"), "eq", Slot(0))

    assert [filled(shape, (value,)).value for value in ("a", "b")] == ["a", "b"]
