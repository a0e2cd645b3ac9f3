"""Which signed messages are good: by each secret, five minutes both ways, and nothing nearly right."""

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from scim_bridge.web.signatures import MOST_SIGNATURES, Message, refusal

NEW, OLD, FOREIGN = (f"whsec_{base64.b64encode(letter * 24).decode()}" for letter in (b"n", b"o", b"f"))
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BODY = '{"type": "x", "who": "Zoë"}'


def signed(secret=NEW, seconds=0, body=BODY):
    stamp = int(NOW.timestamp()) + seconds
    signature = Webhook(secret).sign("msg_1", datetime.fromtimestamp(stamp, UTC), body)
    return Message("msg_1", str(stamp), signature, body.encode())


GOOD = signed()


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_while_secrets_rotate_each_of_them_is_good(secret):
    assert refusal(signed(secret), (NEW, OLD), NOW) is None


def test_after_the_rotation_the_old_one_is_not():
    assert refusal(signed(OLD), (NEW,), NOW) == "signature"
    assert refusal(signed(NEW), (), NOW) == "signature"


def test_any_of_the_signatures_in_the_header_will_do():
    both = f"{signed(FOREIGN).signatures} v2,abc {GOOD.signatures}"
    assert refusal(replace(GOOD, signatures=both), (NEW,), NOW) is None


def test_a_header_of_too_many_signatures_is_not_looked_through():
    guesses = ["v1,abc"] * (MOST_SIGNATURES - 1)
    assert refusal(replace(GOOD, signatures=" ".join([*guesses, GOOD.signatures])), (NEW,), NOW) is None
    more = " ".join([*guesses, "v1,abc", GOOD.signatures])
    assert refusal(replace(GOOD, signatures=more), (NEW,), NOW) == "too_many_signatures"


@pytest.mark.parametrize(("seconds", "fault"), [(-300, None), (-301, "time"), (300, None), (301, "time")])
def test_five_minutes_are_allowed_both_ways(seconds, fault):
    assert refusal(signed(seconds=seconds), (NEW,), NOW) == fault


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"id": "msg_2"}, "signature"),
        ({"id": ""}, "headers"),
        ({"id": "a b"}, "headers"),
        ({"id": "x" * 257}, "headers"),
        ({"timestamp": ""}, "headers"),
        ({"timestamp": f"{GOOD.timestamp}.0"}, "headers"),
        ({"timestamp": "-1"}, "headers"),
        ({"timestamp": "٣" * 10}, "headers"),
        ({"timestamp": "9" * 12}, "time"),
        ({"timestamp": str(int(GOOD.timestamp) + 1)}, "signature"),
        ({"timestamp": f"0{GOOD.timestamp}"}, None),  # the same second; what is signed is the number
        ({"signatures": ""}, "signature"),
        ({"signatures": GOOD.signatures.removeprefix("v1,")}, "signature"),
        ({"signatures": GOOD.signatures.replace("v1,", "v1a,")}, "signature"),
        ({"signatures": GOOD.signatures[:-2]}, "signature"),
        ({"signatures": "v1,é"}, "signature"),
        ({"body": GOOD.body + b" "}, "signature"),
        ({"body": b"\xff"}, "signature"),
    ],
)
def test_what_is_nearly_right_is_wrong(change, fault):
    assert refusal(replace(GOOD, **change), (NEW,), NOW) == fault
