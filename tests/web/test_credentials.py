"""Tokens are remembered for a moment: how long, for whom, and what of them stays in memory."""

import pickle
from datetime import timedelta

import pytest

from scim_bridge.db.engine import writing
from scim_bridge.directory import tokens
from scim_bridge.web import credentials
from scim_bridge.web.credentials import REMEMBERED, Credentials
from tests.web.database import watched

YEAR = timedelta(days=365)


@pytest.fixture
def known(engine):
    return Credentials(engine)


def created(engine, clock, life=YEAR, tenant="acme"):
    with writing(engine) as connection:
        return tokens.create(connection, tenant, "test", clock(), life)


def revoke(engine, clock, token):
    with writing(engine) as connection:
        assert tokens.revoke(connection, token[5:13], clock())


def test_a_token_that_was_right_is_not_looked_up_again(known, engine, clock):
    token = created(engine, clock)
    assert known.tenant_of(token, clock()) == "acme"
    with watched(engine) as work:
        assert known.tenant_of(token, clock()) == "acme"
    assert work.statements == []


def test_it_is_remembered_for_less_than_the_five_seconds_that_a_revoked_one_may_live():
    """bad-inputs B13."""
    assert timedelta(seconds=5) > REMEMBERED


@pytest.mark.parametrize(("seconds", "tenant"), [(3.9, "acme"), (4, None)])
def test_a_revoked_token_is_refused_when_it_is_forgotten(known, engine, clock, seconds, tenant):
    token = created(engine, clock)
    assert known.tenant_of(token, clock()) == "acme"
    revoke(engine, clock, token)
    clock.advance(seconds=seconds)
    assert known.tenant_of(token, clock()) == tenant


def test_use_does_not_make_it_remembered_longer(known, engine, clock):
    token = created(engine, clock)
    assert known.tenant_of(token, clock()) == "acme"
    revoke(engine, clock, token)
    for _ in range(3):
        clock.advance(seconds=1.3)
        assert known.tenant_of(token, clock()) == "acme"
    clock.advance(seconds=0.1)
    assert known.tenant_of(token, clock()) is None


def test_a_refused_token_is_refused_for_good(known, engine, clock):
    token = created(engine, clock)
    known.tenant_of(token, clock())
    revoke(engine, clock, token)
    clock.advance(seconds=4)
    assert [known.tenant_of(token, clock()) for _ in range(2)] == [None, None]


def test_a_token_is_not_remembered_beyond_its_own_life(known, engine, clock):
    token = created(engine, clock, timedelta(seconds=2))
    assert known.tenant_of(token, clock()) == "acme"
    clock.advance(seconds=2, microseconds=-1)
    assert known.tenant_of(token, clock()) == "acme"
    clock.advance(microseconds=1)
    assert known.tenant_of(token, clock()) is None


def test_a_clock_that_is_set_back_is_no_longer_life(known, engine, clock):
    token, now = created(engine, clock), clock()
    assert known.tenant_of(token, now) == "acme"
    revoke(engine, clock, token)
    assert known.tenant_of(token, now - timedelta(seconds=1)) is None


@pytest.mark.parametrize("text", ["", "non-token", "hxsb_" + "a" * 8 + "_" + "b" * 43 + "_" + "c" * 6, "caf\udce9"])
def test_a_wrong_token_is_not_remembered(known, engine, clock, text):
    assert [known.tenant_of(text, clock()) for _ in range(2)] == [None, None]
    assert known._known == {}


def test_two_tokens_are_two(known, engine, clock):
    acme, other = created(engine, clock), created(engine, clock, tenant="other")
    assert [known.tenant_of(token, clock()) for token in (acme, other, acme)] == ["acme", "other", "acme"]


def test_another_process_does_not_know_what_this_one_remembers(known, engine, clock):
    token = created(engine, clock)
    known.tenant_of(token, clock())
    revoke(engine, clock, token)
    assert Credentials(engine).tenant_of(token, clock()) is None


def test_no_token_stays_in_memory(known, engine, clock):
    token = created(engine, clock)
    known.tenant_of(token, clock())
    kept = pickle.dumps(known._known)
    assert known._known
    assert not any(part.encode() in kept for part in token.split("_")[1:])


def test_no_more_are_remembered_than_there_is_room_for(known, engine, clock, monkeypatch):
    monkeypatch.setattr(credentials, "_MOST", 3)
    made = [created(engine, clock) for _ in range(7)]
    for token in made:
        assert known.tenant_of(token, clock()) == "acme"
        assert len(known._known) <= 3
    assert known.tenant_of(made[0], clock()) == "acme"
