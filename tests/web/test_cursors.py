"""Cursors of RFC 9865: nobody can read them or make one, and each is good for its own question and an hour."""

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet

from scim_bridge.directory.order import Position
from scim_bridge.scim.discovery import CURSOR_SECONDS
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.queries import list_query
from scim_bridge.web.cursors import Cursors, Question
from tests.web.database import watched

# What is sealed does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ASKED = {"filter": "title pr", "sortBy": "title", "cursor": ""}
FIRST = Question("acme", "/Users", list_query(ASKED))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def following(text, question=FIRST, **changes):
    """The question for the next page."""
    return replace(question, query=replace(question.query, cursor=text, **changes))


def refusal(cursors, question, now, *, is_moment=False):
    with pytest.raises(ScimError) as caught:
        cursors.opened(question, now, is_moment=is_moment)
    assert caught.value.status == 400
    return caught.value.scim_type


@pytest.fixture
def cursors(engine):
    return Cursors(engine)


@pytest.mark.parametrize("value", ["x", "", "Zoë \U0001f469\u200d\U0001f680", 'q"\\', True, False, None, "x" * 65536])
def test_a_cursor_leads_back_to_its_position(cursors, clock, value):
    text = cursors.sealed(FIRST, Position("u1", value), 10, clock())
    assert cursors.opened(following(text), clock(), is_moment=False) == (Position("u1", value), 10)


@pytest.mark.parametrize("value", [NOON, NOON.replace(microsecond=123_000), None])
def test_a_moment_is_a_moment_again(cursors, clock, value):
    text = cursors.sealed(FIRST, Position("u1", value), 10, clock())
    assert cursors.opened(following(text), clock(), is_moment=True) == (Position("u1", value), 10)


def test_a_cursor_needs_no_escaping_in_an_address(cursors, clock):
    """Unreserved characters (RFC 9865 section 2)."""
    for length in range(12):
        text = cursors.sealed(FIRST, Position("u" * length), 10, clock())
        assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
        assert cursors.opened(following(text), clock(), is_moment=False)[0].id == "u" * length


def test_nothing_can_be_read_from_a_cursor(cursors, clock):
    """Neither as it stands nor decoded. The words are long, so that chance does not spell one."""
    position = Position("an-id-of-a-user", "ana.martins@acme.test")
    text = cursors.sealed(FIRST, position, 10, clock())
    decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for word in ("an-id-of-a-user", "ana.martins", "acme.test", "title pr", "sortBy"):
        assert word not in text
        assert word.encode() not in decoded
    assert cursors.sealed(FIRST, position, 10, clock()) != text


OTHERS = [
    replace(FIRST, tenant="umbrella"),
    replace(FIRST, endpoint="/Groups"),
    replace(FIRST, endpoint=""),
    *(
        replace(FIRST, query=list_query({**ASKED, **changed}))
        for changed in (
            {"filter": "nickName pr"},
            {"sortBy": "nickName"},
            {"sortOrder": "descending"},
        )
    ),
    replace(FIRST, query=list_query({"sortBy": "title", "cursor": ""})),
    replace(FIRST, query=list_query({"filter": "title pr", "cursor": ""})),
]


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: repr(other)[9:80])
def test_a_cursor_is_worth_nothing_with_another_question(cursors, clock, other):
    text = cursors.sealed(FIRST, Position("u1", "x"), 10, clock())
    assert refusal(cursors, following(text, other), clock()) == "invalidCursor"


def test_what_a_page_shows_may_change_from_page_to_page(cursors, clock):
    text = cursors.sealed(FIRST, Position("u1", "x"), 10, clock())
    shown = replace(FIRST, query=list_query({**ASKED, "attributes": "userName"}))
    assert cursors.opened(following(text, shown), clock(), is_moment=False)[1] == 10


def test_the_size_of_a_page_may_be_said_again_but_not_changed(cursors, clock):
    """RFC 9865 section 2.1."""
    text = cursors.sealed(FIRST, Position("u1", "x"), 10, clock())
    assert cursors.opened(following(text, count=10), clock(), is_moment=False)[1] == 10
    assert refusal(cursors, following(text, count=11), clock()) == "invalidCount"


def test_a_cursor_ends_with_its_hour(cursors, clock):
    text = cursors.sealed(FIRST, Position("u1", "x"), 10, clock())
    clock.advance(seconds=CURSOR_SECONDS)
    assert cursors.opened(following(text), clock(), is_moment=False)
    clock.advance(seconds=1)
    assert refusal(cursors, following(text), clock()) == "expiredCursor"


def test_a_cursor_that_was_changed_is_none(cursors, clock):
    text = cursors.sealed(FIRST, Position("u1", "x"), 10, clock())
    for place in range(len(text)):
        letter = "A" if text[place] != "A" else "B"
        # The last letter carries unused bits, so another one may mean the same.
        if place < len(text) - 1:
            changed = text[:place] + letter + text[place + 1 :]
            assert refusal(cursors, following(changed), clock()) == "invalidCursor"
    assert refusal(cursors, following(text[:-4]), clock()) == "invalidCursor"


@pytest.mark.parametrize(
    "text", ["x", "2", "=", "gAAAAA", "A" * 200, "ü", "\udce9", "A" * 1_000_000, "' OR 1=1 --", "null", "\n"]
)
def test_what_is_no_cursor_is_refused(cursors, clock, text):
    assert refusal(cursors, following(text), clock()) == "invalidCursor"


def test_a_cursor_sealed_with_another_key_is_none(cursors, clock):
    made = Fernet(Fernet.generate_key()).encrypt_at_time(b'["", 1, "u1", null]', int(clock().timestamp())).decode()
    assert refusal(cursors, following(made), clock()) == "invalidCursor"


def test_every_process_opens_the_cursors_of_every_other(engine, clock):
    first, second = Cursors(engine), Cursors(engine)
    text = first.sealed(FIRST, Position("u1", "x"), 10, clock())
    assert second.opened(following(text), clock(), is_moment=False)[0].id == "u1"
    text = second.sealed(FIRST, Position("u2", "x"), 10, clock())
    assert first.opened(following(text), clock(), is_moment=False)[0].id == "u2"


def test_the_key_is_looked_up_once(cursors, engine, clock):
    with watched(engine) as work:
        Cursors(engine)
    assert work.statements == []
    cursors.sealed(FIRST, Position("u1"), 10, clock())
    with watched(engine) as work:
        cursors.sealed(FIRST, Position("u2"), 10, clock())
    assert work.statements == []
