"""Texts of filters: what they are understood as, and that what is not understood is refused."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.filter import And, Compare, Filter, Not, Or, Present, Slot, ValuePath, matches
from scim_bridge.scim.filter_parser import parse, parse_element, question
from scim_bridge.scim.filter_tokens import MAX_CLAUSES, MAX_DEPTH, MAX_LENGTH
from scim_bridge.scim.resources import AMONG_USERS, GROUP_TYPE, USER_TYPE

from .documents import ENTERPRISE


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
        'name[familyName eq "x"]',
        'manager[value eq "x"]',
        'meta[version eq "x"]',
        f'{ENTERPRISE}[department eq "x"]',
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


def test_questions_of_one_shape_are_understood_once():
    first = question('userName eq "ana" and active eq true', USER_TYPE)
    second = question('USERNAME EQ "kim" AND Active eq "False"', USER_TYPE)

    assert first.template is second.template
    assert (first.values, second.values) == (("ana", True), ("kim", False))


def test_a_shape_holds_no_value():
    asked = question('userName eq "secret" or emails[type eq "work"].value sw "s3"', USER_TYPE)

    assert [leaf.name for leaf in asked.template.leaves] == ["userName", "type", "value"]
    assert asked.values == ("secret", "work", "s3")
    assert "secret" not in repr(asked.template)
    assert "s3" not in repr(asked.template)


def test_a_value_stands_in_the_place_where_it_was_written():
    clause = question('title eq "a" and (nickName eq null or title co "b")', USER_TYPE)
    slots = [term.value for term in (clause.template.shape.terms[0], clause.template.shape.terms[1].terms[1])]

    assert slots == [Slot(0), Slot(2)]
    assert clause.values == ("a", None, "b")


def test_null_is_another_question_than_a_value():
    null = question("title eq null", USER_TYPE)

    assert null.template is not question('title eq "null"', USER_TYPE).template
    assert null.template.shape == Not(Present(USER_TYPE.find("title")))


def test_one_text_asks_another_question_of_another_type():
    assert question("displayName pr", USER_TYPE).template is not question("displayName pr", GROUP_TYPE).template


def test_a_value_of_the_wrong_type_is_refused_whatever_was_asked_before():
    assert question("active eq true", USER_TYPE).values == (True,)
    assert _refusal("active eq maybe") == (400, "invalidFilter")
    assert question("active eq false", USER_TYPE).values == (False,)


def test_101_among_several_types_what_is_nobody_s_is_refused():
    with pytest.raises(ScimError) as caught:
        parse('bogus eq "x"', AMONG_USERS)
    assert caught.value.scim_type == "invalidFilter"


def test_a_filter_of_one_element_knows_its_sub_attributes_alone():
    emails = USER_TYPE.find("emails").attribute

    assert matches(parse_element('type eq "WORK"', emails), {"type": "work"})
    with pytest.raises(ScimError):
        parse_element('userName eq "x"', emails)
