"""Which filters an index leads, and that those who are not understood are refused."""

import pytest

from scim_bridge.directory.conditions import condition, is_indexed
from scim_bridge.directory.scopes import GROUPS, USERS, Kind
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.filter_parser import question
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE
from tests.app import ENTERPRISE_URN


def _is_indexed(text: str, kind: Kind = USERS) -> bool:
    return is_indexed(question(text, kind.resource_type).template.shape)


@pytest.mark.parametrize(
    "text",
    [
        'id eq "1"',
        'userName eq "x"',
        'externalId eq "x"',
        'displayName eq "x"',
        'emails eq "x"',
        'emails.value eq "x"',
        'emails[value eq "x"]',
        'emails[type eq "work"].value eq "x"',
        'emails[type eq "work" and value eq "x" and primary eq true]',
        'manager eq "x"',
        f'{ENTERPRISE_URN}:manager.value eq "x"',
        'groups eq "x"',
        'userName eq "x" and title co "x"',
        'title co "x" and (active eq true and externalId eq "x")',
    ],
)
def test_an_index_leads_to_what_one_look_up_finds(text: str) -> None:
    assert _is_indexed(text)


@pytest.mark.parametrize(
    "text",
    [
        'userName ne "x"',
        'userName co "x"',
        'userName sw "x"',
        "userName pr",
        "externalId eq null",
        'title eq "x"',
        "active eq true",
        'emails[type eq "work"]',
        'emails[value co "x"]',
        'emails[value eq "x" or type eq "work"]',
        'emails[not (value eq "x")]',
        'roles[value eq "x"]',
        'not (userName eq "x")',
        'userName eq "x" or externalId eq "x"',
        'meta.created gt "2026-01-01T00:00:00Z"',
    ],
)
def test_no_index_leads_to_what_may_be_anybody(text: str) -> None:
    assert not _is_indexed(text)


@pytest.mark.parametrize(
    ("text", "indexed"),
    [
        ('displayName eq "x"', True),
        ('members eq "x"', True),
        ('id eq "x" and members eq "y"', True),
        ('members[value eq "x"]', False),
        ('members.type eq "User"', False),
    ],
)
def test_an_index_leads_to_groups_by_name_and_member(text: str, indexed: bool) -> None:
    assert _is_indexed(text, GROUPS) is indexed


@pytest.mark.parametrize(
    ("kind", "text"), [(USERS, 'meta.version eq "1"'), (GROUPS, "displayName pr or meta.version pr")]
)
def test_what_no_row_can_answer_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(ScimError) as raised:
        condition(question(text, kind.resource_type).template.shape, kind)
    assert (raised.value.status, raised.value.scim_type) == (400, "invalidFilter")


@pytest.mark.parametrize(
    ("text", "always"),
    [("userName pr", False), ('userName eq "x"', False), ('userName ne "x"', True), ("emails[value pr]", False)],
)
def test_what_another_type_has_has_no_value_here(text: str, always: bool) -> None:
    """RFC 7644 section 3.4.2.1."""
    shape = question(text, USER_TYPE).template.shape
    assert str(condition(shape, GROUPS)) == ("true" if always else "false")
    assert not GROUP_TYPE.has(USER_TYPE.find("userName"))  # type: ignore[arg-type]
