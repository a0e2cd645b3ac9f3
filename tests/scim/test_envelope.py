"""Envelopes of messages: names in any letter case, strangers ignored, and the first fault told with its place."""

import pytest
from marshmallow import fields

from scim_bridge.scim.envelope import Envelope, loaded
from scim_bridge.scim.errors import ScimError


class _Part(Envelope):
    value = fields.String(required=True)


class _Message(Envelope):
    parts = fields.List(fields.Nested(_Part), required=True, data_key="Parts")
    limit = fields.Integer(load_default=None, data_key="failOnErrors", strict=True)


MESSAGE = _Message()


@pytest.mark.parametrize("name", ["Parts", "parts", "PARTS"])
@pytest.mark.parametrize("limit", ["failOnErrors", "FAILONERRORS"])
def test_names_are_known_in_any_letter_case(name, limit):
    assert loaded(MESSAGE, {name: [{"VALUE": "a"}], limit: 3}) == {"parts": [{"value": "a"}], "limit": 3}


def test_strangers_are_ignored():
    """entra.md section 6."""
    sent = {"parts": [{"value": "a", "name": "addMember"}], "id": "7"}

    assert loaded(MESSAGE, sent) == {"parts": [{"value": "a"}], "limit": None}


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({}, "Parts: "),
        ({"parts": [{"value": "a"}, {}]}, r"Parts\.1\.value: "),
        ({"parts": [{"value": "a"}], "failonerrors": "x"}, "failOnErrors: "),
        ({"parts": ["a"]}, r"Parts\.0"),
    ],
    ids=repr,
)
def test_a_fault_is_told_with_its_place(sent, place):
    with pytest.raises(ScimError, match=f"^{place}") as caught:
        loaded(MESSAGE, sent)
    assert (caught.value.status, caught.value.scim_type) == (400, "invalidSyntax")


@pytest.mark.parametrize("sent", [None, [], "x", 1], ids=repr)
def test_what_is_no_message_is_refused(sent):
    with pytest.raises(ScimError):
        loaded(MESSAGE, sent)
