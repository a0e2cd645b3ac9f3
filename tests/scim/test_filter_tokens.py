"""Filter text to a shape and its literals, and the brackets that give `and` its rank."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.filter_tokens import MAX_CLAUSES, MAX_DEPTH, MAX_LENGTH, fenced, lexed


def _shape(text):
    return lexed(text)[0]


def _kinds(text):
    return [kind for kind, _ in _shape(text)]


def test_a_shape_has_names_in_lower_case_and_numbers_for_values():
    shape, literals = lexed('Title CO "A b" and not(Active eq TRUE)')

    assert shape == (
        ("ATTRNAME", "title"),
        ("CO", "co"),
        ("COMP_VALUE", "0"),
        ("AND", "and"),
        ("NOT", "not"),
        ("LPAREN", "("),
        ("ATTRNAME", "active"),
        ("EQ", "eq"),
        ("COMP_VALUE", "1"),
        ("RPAREN", ")"),
    )
    assert literals == ['"A b"', "TRUE"]


def test_a_value_path_may_go_on_behind_its_bracket():
    assert _shape("emails[type pr].Value pr")[-3:] == (("RBRACKET", "]"), ("SUBATTR", "value"), ("PR", "pr"))


def test_what_a_word_is_follows_from_its_place():
    """An attribute may be called like an operator, and a value like either."""
    assert _kinds("eq eq and and pr pr") == ["ATTRNAME", "EQ", "COMP_VALUE", "AND", "ATTRNAME", "PR"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('userName eq "a"', 'USERNAME EQ "b c"'),
        ('userName   eq  "a"', "username eq bare"),
        ('emails[type eq "work"].value eq "a"', 'Emails[TYPE eq "home"].VALUE eq "b"'),
        ("title eq null", "TITLE EQ NULL"),
    ],
)
def test_filters_that_differ_in_values_and_letter_case_have_one_shape(one, other):
    assert _shape(one) == _shape(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('userName eq "a"', 'userName ne "a"'),
        ('userName eq "a"', 'displayName eq "a"'),
        ('title eq "null"', "title eq null"),
        ('title eq "a" or title eq "b" and title eq "c"', '(title eq "a" or title eq "b") and title eq "c"'),
        ("title pr", "not (title pr)"),
    ],
)
def test_filters_that_differ_otherwise_have_two(one, other):
    assert _shape(one) != _shape(other)


def test_values_are_numbered_from_the_left_and_null_is_counted():
    shape, literals = lexed('a eq "x" and b eq null and c eq 7')

    assert [value for kind, value in shape if kind == "COMP_VALUE"] == ["0", "null", "2"]
    assert literals == ['"x"', "null", "7"]


def test_a_literal_is_as_written():
    assert lexed(r'a eq "say \"Hi\" \\ (x]"')[1] == [r'"say \"Hi\" \\ (x]"']


@pytest.mark.parametrize("text", ['a eq "x', 'a eq x"', '"a" eq "b"', "a is b", "a eq b c", "a b"])
def test_what_stands_in_the_wrong_place_is_an_invalid_filter(text):
    with pytest.raises(ScimError) as caught:
        lexed(text)
    assert caught.value.scim_type == "invalidFilter"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (lambda size: 'a eq "' + "x" * (size - 7) + '"', MAX_LENGTH),
        (lambda size: "(" * size + "a pr" + ")" * size, MAX_DEPTH),
        (lambda size: " or ".join(["a pr"] * size), MAX_CLAUSES),
    ],
    ids=["length", "depth", "clauses"],
)
def test_a_filter_passes_up_to_its_limit_and_not_beyond(text, size):
    assert lexed(text(size))
    with pytest.raises(ScimError):
        lexed(text(size + 1))


def test_a_joint_is_fenced_so_that_and_binds_before_or():
    signs = {"LPAREN": "(", "RPAREN": ")", "AND": " and ", "OR": " or ", "ATTRNAME": "x", "PR": ""}
    text = "".join(signs[token.type] for token in fenced(_shape("a pr or b pr and c pr")))

    assert text == "(((x)) or ((x) and (x)))"


@given(st.lists(st.sampled_from(["a pr", "and", "or", "not", "(", ")", "a["]), max_size=12).map(" ".join))
def test_fences_open_and_close_as_the_brackets_do(text):
    try:
        shape = _shape(text)
    except ScimError:
        return
    kinds = [kind for kind, _ in shape]
    fences = [token.type for token in fenced(shape)]
    open_before = kinds.count("LPAREN") - kinds.count("RPAREN"), kinds.count("LBRACKET")
    assert fences.count("LPAREN") - fences.count("RPAREN") == 3 * open_before[0] + 2 * open_before[1]
