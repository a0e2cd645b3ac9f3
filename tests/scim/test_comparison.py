from datetime import UTC, datetime
from decimal import Decimal

import pytest

from scim_bridge.scim.comparison import comparable, date_time, fits, folded, literal
from scim_bridge.scim.schema import Attribute

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
