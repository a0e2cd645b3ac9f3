import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.filter import And, Compare, Filter, Not, Or, Present, ValuePath, matches, parse
from scim_bridge.scim.filter_tokens import MAX_CLAUSES, MAX_DEPTH, MAX_LENGTH
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE

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


def _refusal(text):
    with pytest.raises(ScimError) as caught:
        parse(text, USER_TYPE)
    return caught.value.status, caught.value.scim_type


def _paths(condition: Filter):
    match condition:
        case And(terms) | Or(terms):
            return [path for term in terms for path in _paths(term)]
        case Not(term):
            return _paths(term)
        case ValuePath(path, inner):
            return [path.keys, *_paths(inner)]
        case _:
            return [condition.path.keys]


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


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        'bogus eq "1"',
        "bogus pr",
        'userName regex "x"',
        "userName",
        "userName eq",
        'eq "x"',
        'userName "x"',
        'userName eq "x',
        'userName eq x"',
        'userName eq "x" and',
        'and userName eq "x"',
        'userName eq "x" userName eq "y"',
        'userName eq "x" "y"',
        'userName eq "x" or or title pr',
        '(userName eq "x"',
        'userName eq "x")',
        "()",
        'not userName eq "x"',
        "not",
        'emails[type eq "work"',
        'emails type eq "work"]',
        "emails[]",
        "emails[type pr][value pr]",
        'emails[emails[type eq "x"]]',
        'emails[userName eq "x"]',
        'emails[type eq "work"].bogus eq "x"',
        'emails[type eq "work"].value',
        'emails.bogus eq "x"',
        'userName[value eq "x"]',
        'emails.value[type eq "x"]',
        'name eq "x"',
        'addresses eq "x"',
        f'{ENTERPRISE} eq "x"',
        'urn:acme:2.0:User:badge eq "x"',
        'password eq "x"',
        "password pr",
        "active gt true",
        'active co "t"',
        "active eq maybe",
        'meta.created co "2015"',
        'meta.lastModified gt "yesterday"',
        'meta.lastModified gt "2025-02-30T00:00:00Z"',
        'meta.lastModified gt "10000-01-01T00:00:00Z"',
        "userName gt null",
        "userName eq 'x'",
        r'userName eq "\q"',
        r'userName eq "\u0000"',
        'userName eq "x"; drop',
    ],
)
def test_h_what_is_not_understood_is_an_invalid_filter(text):
    """Quirk 27: never everything."""
    assert _refusal(text) == (400, "invalidFilter")


def test_119_presence_and_null_are_opposites():
    assert parse("title eq null", USER_TYPE) == Not(parse("title pr", USER_TYPE))
    assert parse("title ne null", USER_TYPE) == parse("title pr", USER_TYPE)


def test_a_value_path_with_a_sub_attribute_is_one_more_condition_on_the_element():
    longer = parse('emails[type eq "work"].value eq "x"', USER_TYPE)

    assert longer == parse('emails[type eq "work" and value eq "x"]', USER_TYPE)
    assert _paths(longer) == [("emails",), ("type",), ("value",)]


def test_a_filter_passes_up_to_its_length():
    def text(length):
        return 'userName eq "' + "a" * (length - 14) + '"'

    assert parse(text(MAX_LENGTH), USER_TYPE)
    assert _refusal(text(MAX_LENGTH + 1)) == (400, "invalidFilter")


def test_a_filter_passes_up_to_its_depth():
    def text(depth):
        return "(" * depth + "title pr" + ")" * depth

    assert parse(text(MAX_DEPTH), USER_TYPE)
    assert _refusal(text(MAX_DEPTH + 1)) == (400, "invalidFilter")


@pytest.mark.parametrize("joint", [" or ", " and "])
def test_h11_a_filter_passes_up_to_its_clauses(joint):
    assert len(parse(joint.join(["title pr"] * MAX_CLAUSES), USER_TYPE).terms) == MAX_CLAUSES
    assert _refusal(joint.join(["title pr"] * (MAX_CLAUSES + 1))) == (400, "invalidFilter")


@pytest.mark.parametrize("text", ["(" * 2000, "not (" * 2000 + "title pr" + ")" * 2000, "title pr or " * 5000])
def test_h09_absurd_filters_are_refused_at_once(text):
    started = time.process_time()

    assert _refusal(text) == (400, "invalidFilter")
    assert time.process_time() - started < 0.05


@given(st.text() | st.text(alphabet='title.emails[]()" eqprandortnu\\1', max_size=60))
def test_any_text_is_a_filter_or_an_invalid_filter(text):
    try:
        parse(text, USER_TYPE)
    except ScimError as error:
        assert error.scim_type == "invalidFilter"


_TITLES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)


@given(_TITLES)
def test_any_quoted_text_is_found_as_it_is(title):
    quoted = '"' + title.replace("\\", "\\\\").replace('"', '\\"') + '"'

    assert parse(f"externalId eq {quoted}", USER_TYPE).value == title


_CLAUSES = st.sampled_from(["title pr", "nickName pr", "locale pr", "active eq true"]).map(
    lambda text: (text, parse(text, USER_TYPE))
)


def _joined(kind, word, weaker):
    def join(parts):
        texts = [f"({text})" if isinstance(part, weaker) else text for text, part in parts]
        return f" {word} ".join(texts), kind(tuple(part for _, part in parts))

    return join


def _combined(inner):
    several = st.lists(inner, min_size=2, max_size=3)
    negated = inner.map(lambda pair: (f"not ({pair[0]})", Not(pair[1])))
    # No term of its own kind below a joint: `a and (b and c)` is one `and` of three.
    ands = several.filter(lambda parts: not any(isinstance(part, And) for _, part in parts))
    ors = several.filter(lambda parts: not any(isinstance(part, Or) for _, part in parts))
    return negated | ands.map(_joined(And, "and", Or)) | ors.map(_joined(Or, "or", ()))


@given(st.recursive(_CLAUSES, _combined, max_leaves=12))
def test_106_brackets_bind_before_not_before_and_before_or(written):
    text, meant = written

    assert parse(text, USER_TYPE) == meant


def test_clauses_carry_their_paths_and_types():
    compare = parse("active eq TRUE", USER_TYPE)

    assert isinstance(compare, Compare)
    assert (compare.path.keys, compare.operator, compare.value) == (("active",), "eq", True)
    assert isinstance(parse("active PR", USER_TYPE), Present)
