import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.json_body import MAX_DEPTH, MAX_KEYS, parse


def _refusal(raw):
    with pytest.raises(ScimError) as caught:
        parse(raw)
    assert caught.value.status == 400
    return caught.value.scim_type


def _nested(depth):
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b'{"userName":',
        b"[]",
        b'"x"',
        b"1",
        b"null",
        b"{}{}",
        b"{} x",
        b'{"a":1,}',
        b"{'a':1}",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":"\x01"}',
        b"\xff\xfe{\x00}\x00",
        '{"a":1}'.encode("utf-16-le"),
        '{"a":1}'.encode("utf-32"),
        b'{"a":"\xc0\xaf"}',
        b'{"a":"\\ud800"}',
        b'{"\\udc00":1}',
        b'{"a":1,"a":1}',
        b'{"active":true,"Active":false}',
        b'{"b":[{"c":1,"C":2}]}',
    ],
)
def test_d_what_is_no_json_object_is_invalid_syntax(raw):
    assert _refusal(raw) == "invalidSyntax"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1e400}',
        b'{"a":-1e400}',
        b'{"a":9223372036854775808}',
        b'{"a":-9223372036854775809}',
        b'{"a":' + b"9" * 100_000 + b"}",
        b'{"a":"x\\u0000"}',
        b'{"a\\u0000":1}',
        b'{"a":[{"b":["\\u0000"]}]}',
    ],
)
def test_d_what_nobody_can_keep_is_an_invalid_value(raw):
    assert _refusal(raw) == "invalidValue"


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0])
def test_whole_numbers_of_64_bits_pass(number):
    assert parse(b'{"a":%d}' % number) == {"a": number}


def test_d05_nesting_passes_up_to_its_limit():
    assert parse(_nested(MAX_DEPTH))
    assert parse(b'{"a":"x"}') == {"a": "x"}
    assert _refusal(_nested(MAX_DEPTH + 1)) == "invalidSyntax"
    assert _refusal(b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}") == "invalidSyntax"


@pytest.mark.parametrize("depth", [5_000, 500_000])
def test_absurd_nesting_is_an_ordinary_refusal(depth):
    assert _refusal(_nested(depth)) == "invalidSyntax"


def test_d19_an_object_passes_up_to_its_number_of_keys():
    def keys(count):
        return json.dumps({f"k{number}": 0 for number in range(count)}).encode()

    assert len(parse(keys(MAX_KEYS))) == MAX_KEYS
    assert _refusal(keys(MAX_KEYS + 1)) == "invalidSyntax"


def test_d25_emoji_and_combining_letters_pass_unchanged():
    assert parse('{"a":"e\u0301 👩‍🚀"}'.encode()) == {"a": "e\u0301 👩‍🚀"}
    assert parse(b'{"a":"\\ud83d\\ude80"}') == {"a": "🚀"}


@given(st.binary(max_size=200))
def test_any_bytes_give_an_object_or_a_scim_error(raw):
    try:
        assert isinstance(parse(raw), dict)
    except ScimError as error:
        assert error.status == 400


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii", categories=["Ll"])), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(st.characters(codec="ascii", categories=["Ll"])), _JSON))
def test_every_sound_object_comes_through_unchanged(body):
    assert parse(json.dumps(body).encode()) == body
