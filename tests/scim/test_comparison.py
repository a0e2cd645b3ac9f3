from datetime import UTC, datetime
from decimal import Decimal

import pytest

from scim_bridge.scim.comparison import comparable, comparable_form, date_time, fits, folded, literal
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE
from scim_bridge.scim.schema import Attribute

from .documents import ENTERPRISE, group_body, user_body

TEXT = Attribute(name="title")
FLAG = Attribute(name="active", type="boolean")
NUMBER = Attribute(name="size", type="decimal")
TIME = Attribute(name="created", type="dateTime")


@pytest.mark.parametrize(
    ("text", "attribute", "value"),
    [
        ('"a"', TEXT, "a"),
        (r'"a\"b\\c\u00e9"', TEXT, 'a"b\\cé'),
        ('""', TEXT, ""),
        ('"null"', TEXT, "null"),
        ("jyoung", TEXT, "jyoung"),
        ("a.b+c@x-y.test", TEXT, "a.b+c@x-y.test"),
        ("10442", TEXT, "10442"),
        ("true", TEXT, "true"),
        ("true", FLAG, True),
        ("FALSE", FLAG, False),
        ('"True"', FLAG, True),
        ("7", NUMBER, 7),
        ("-7.25", NUMBER, Decimal("-7.25")),
        ("null", TEXT, None),
        ("NULL", FLAG, None),
    ],
)
def test_a_literal_has_the_type_of_its_attribute(text, attribute, value):
    assert literal(text, attribute) == value
    assert type(literal(text, attribute)) is type(value)


@pytest.mark.parametrize(
    ("text", "attribute"),
    [
        (r'"\x"', TEXT),
        (r'"\ud800"', TEXT),
        (r'"\u0000"', TEXT),
        ('"a\nb"', TEXT),
        ("'a'", TEXT),
        ("a,b", TEXT),
        ("yes", FLAG),
        ("1", FLAG),
        ("1e5", NUMBER),
        ("9" * 19, NUMBER),
        ("x", NUMBER),
    ],
)
def test_what_is_no_literal_of_the_type_is_a_value_error(text, attribute):
    with pytest.raises(ValueError):
        literal(text, attribute)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2015-10-10T14:38:21Z", datetime(2015, 10, 10, 14, 38, 21, tzinfo=UTC)),
        ("2015-10-10t14:38:21z", datetime(2015, 10, 10, 14, 38, 21, tzinfo=UTC)),
        ("2015-10-10T14:38:21", datetime(2015, 10, 10, 14, 38, 21, tzinfo=UTC)),
        ("2015-10-10T14:38:21.8617979-07:00", datetime(2015, 10, 10, 21, 38, 21, 861797, tzinfo=UTC)),
    ],
)
def test_54_a_date_time_is_read_with_any_offset_and_decimals(text, moment):
    assert date_time(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2025-02-30",
        "2025-02-30T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2025-01-01T25:00:00Z",
        "2025-W01-1T00:00:00Z",
        "2025-01-01T00:00:00,5Z",
        "２025-01-01T00:00:00Z",
    ],
)
def test_h15_no_date_time_is_a_value_error(text):
    with pytest.raises(ValueError):
        date_time(text)


def test_letter_case_folds_beyond_ascii():
    assert folded("LENA@X") == folded("lena@x")
    assert folded("ÅSA") == folded("a\u030asa")
    assert folded("STRASSE") == folded("straße")


def test_h17_a_kelvin_sign_is_a_k():
    assert folded("\u212a") == folded("K")


def test_a_case_exact_string_stays_as_it_is():
    assert comparable(Attribute(name="id", case_exact=True), "aB") == "aB"
    assert comparable(TEXT, "aB") == "ab"


def test_a_document_is_folded_but_for_what_is_case_exact():
    document = user_body(
        externalId="X1",
        active=True,
        name={"familyName": "STRASSE"},
        emails=[{"value": "Lena@X.test", "type": "Work", "primary": True}],
        photos=[{"value": "https://X.test/P"}],
        **{ENTERPRISE: {"department": "Docks", "manager": {"value": "Boss"}}},
    )

    form = comparable_form(document, USER_TYPE.top)

    assert form["userName"] == "lena.b@example.com"
    assert (form["externalId"], form["active"], form["name"]) == ("X1", True, {"familyName": "strasse"})
    assert form["emails"] == [{"value": "lena@x.test", "type": "work", "primary": True}]
    assert form["photos"] == [{"value": "https://X.test/P"}]
    assert form[ENTERPRISE] == {"department": "docks", "manager": {"value": "Boss"}}
    assert form["schemas"] == [urn.lower() for urn in document["schemas"]]


def test_what_nobody_can_ask_for_is_in_no_form():
    assert "urn:acme" not in comparable_form({**group_body(), "urn:acme": {"a": 1}}, GROUP_TYPE.top)


def test_a_form_leaves_the_document_as_it_was():
    document = user_body(emails=[{"value": "A@X"}])
    comparable_form(document, USER_TYPE.top)

    assert document == user_body(emails=[{"value": "A@X"}])


@pytest.mark.parametrize(
    ("attribute", "operators"),
    [
        (TEXT, {"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"}),
        (FLAG, {"eq", "ne"}),
        (Attribute(name="x", type="binary"), {"eq", "ne", "co", "sw", "ew"}),
        (TIME, {"eq", "ne", "gt", "ge", "lt", "le"}),
        (NUMBER, {"eq", "ne", "gt", "ge", "lt", "le"}),
    ],
)
def test_109_operators_fit_the_type(attribute, operators):
    known = {"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"}

    assert {operator for operator in known if fits(operator, attribute)} == operators
