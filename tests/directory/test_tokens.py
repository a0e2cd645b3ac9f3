"""Bearer tokens: their form, who they speak for, when they stop, and how little of them is kept."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, select

from scim_bridge.db.engine import reading, writing
from scim_bridge.directory import tables, tokens
from tests.clock import SteppedClock
from tests.plans import recorded

YEAR = timedelta(days=365)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


def test_a_token_has_the_form_that_secret_scanners_know(connection: Connection, clock: SteppedClock) -> None:
    token = tokens.create(connection, "acme", "okta", clock(), YEAR)
    assert re.fullmatch(r"hxsb_[A-Za-z0-9]{8}_[A-Za-z0-9]{43}_[A-Za-z0-9]{6}", token)


def test_no_two_tokens_are_alike(connection: Connection, clock: SteppedClock) -> None:
    made = [tokens.create(connection, "acme", "okta", clock(), YEAR) for _ in range(20)]
    assert len({part for token in made for part in token.split("_")[1:]}) == 60


def test_a_token_speaks_for_its_tenant(connection: Connection, clock: SteppedClock) -> None:
    acme = tokens.create(connection, "acme", "okta", clock(), YEAR)
    other = tokens.create(connection, "other", "okta", clock(), YEAR)
    assert _tenant_of(connection, acme, clock()) == "acme"
    assert _tenant_of(connection, other, clock()) == "other"


def test_only_a_hash_is_kept(connection: Connection, clock: SteppedClock) -> None:
    token = tokens.create(connection, "acme", "okta", clock(), YEAR)
    secret = token.split("_")[2]
    row = connection.execute(select(tables.tokens)).one()
    assert all(secret not in str(value) for value in row)
    assert re.fullmatch("[0-9a-f]{64}", row.hash)


def test_a_mistyped_token_is_refused_without_a_read(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        token = tokens.create(connection, "acme", "okta", clock(), YEAR)
    mistyped = [_swapped(token, place) for place in range(5, len(token)) if token[place] != "_"]
    with reading(engine) as connection, recorded(engine) as statements:
        assert {_tenant_of(connection, text, clock()) for text in mistyped} == {None}
    assert statements == []


@pytest.mark.parametrize("text", ["", "hxsb_", "x" * 10_000, "hxsb_ü", "Bearer hxsb_a_b_c", "hxsb_12345678\n"])
def test_what_has_not_the_form_is_refused_without_a_read(engine: Engine, clock: SteppedClock, text: str) -> None:
    with reading(engine) as connection, recorded(engine) as statements:
        assert _tenant_of(connection, text, clock()) is None
    assert statements == []


def test_a_token_of_the_right_form_that_was_never_made_is_refused(connection: Connection, clock: SteppedClock) -> None:
    token = tokens.create(connection, "acme", "okta", clock(), YEAR)
    connection.execute(tables.tokens.delete())
    assert _tenant_of(connection, token, clock()) is None


def test_the_right_id_with_another_secret_is_refused(connection: Connection, clock: SteppedClock) -> None:
    token, other = (tokens.create(connection, "acme", "okta", clock(), YEAR) for _ in range(2))
    body = "_".join((*token.split("_")[:2], other.split("_")[2]))
    forged = f"{body}_{tokens._checksum(body)}"
    assert _tenant_of(connection, forged, clock()) is None


def test_a_token_ends_with_its_life(connection: Connection, clock: SteppedClock) -> None:
    token = tokens.create(connection, "acme", "okta", clock(), timedelta(hours=1))
    clock.advance(minutes=59, seconds=59)
    assert _tenant_of(connection, token, clock()) == "acme"
    clock.advance(seconds=1)
    assert _tenant_of(connection, token, clock()) is None


def test_a_revoked_token_is_refused_from_then_on(connection: Connection, clock: SteppedClock) -> None:
    token, other = (tokens.create(connection, "acme", "okta", clock(), YEAR) for _ in range(2))
    assert tokens.revoke(connection, token.split("_")[1], clock())
    assert _tenant_of(connection, token, clock()) is None
    assert _tenant_of(connection, other, clock()) == "acme"


def test_revoking_twice_or_an_unknown_one_says_so(connection: Connection, clock: SteppedClock) -> None:
    token_id = tokens.create(connection, "acme", "okta", clock(), YEAR).split("_")[1]
    assert [tokens.revoke(connection, token_id, clock()) for _ in range(2)] == [True, False]
    assert not tokens.revoke(connection, "unknown1", clock())


def test_the_list_shows_all_but_the_secrets(connection: Connection, clock: SteppedClock) -> None:
    first = tokens.create(connection, "acme", "okta", clock(), YEAR)
    clock.advance(hours=1)
    second = tokens.create(connection, "acme", "entra", clock(), YEAR)
    tokens.revoke(connection, first.split("_")[1], clock())
    shown = tokens.every(connection)
    assert [(token.tenant, token.label, token.revoked_at) for token in shown] == [
        ("acme", "okta", clock()),
        ("acme", "entra", None),
    ]
    assert [token.id for token in shown] == [first.split("_")[1], second.split("_")[1]]
    assert all(text.split("_")[2] not in repr(shown) for text in (first, second))


def _tenant_of(connection: Connection, text: str, now: datetime) -> str | None:
    """Whose token this is; None when it is not good."""
    token = tokens.valid(connection, text, now)
    return token.tenant if token else None


def _swapped(token: str, place: int) -> str:
    """The token with another letter at one place."""
    return token[:place] + ("a" if token[place] != "a" else "b") + token[place + 1 :]
