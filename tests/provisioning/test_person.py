"""What is so about one person, and what is wrong with the remedy."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from scim_bridge.directory import people
from scim_bridge.provisioning import accounts, hexnode_groups, person, placements
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.person import Diagnosis, Person, Placement, Step
from scim_bridge.provisioning.seen import SeenUser
from scim_bridge.provisioning.tables import placements as rows
from scim_bridge.provisioning.tables import seen_devices, withdrawal_holds
from tests.provisioning.acme import Acme, policy
from tests.provisioning.rules import rule

SALES = GroupKey("acme", "name:sales")


@pytest.fixture
def acme(acme: Acme) -> Acme:
    acme.policy = policy(group_names={"Sales": "Sales"})
    return acme


@pytest.fixture
def ada(acme: Acme) -> str:
    """Somebody in Sales, of whom nothing is at Hexnode yet."""
    ada = acme.user("ada@acme.test", displayName="Ada")
    acme.group("Sales", ada)
    return ada


def _about(acme: Acme, user_id: str) -> Person:
    user = people.with_ids(acme.connection, "acme", [user_id])[0]
    return person.of(acme.connection, acme.policy, user, acme.clock())


def _state(acme: Acme, user_id: str) -> list[tuple[str, str | None]]:
    return [(placement.state, placement.why) for placement in _about(acme, user_id).placements]


def _linked(acme: Acme, user_id: str, domain: str = "local") -> None:
    shown = SeenUser(7, "Ada", "ada@acme.test", None, domain)
    accounts.observe(acme.connection, AccountKey("acme", user_id), shown, acme.clock())


def _has_device(connection: Connection, reported: datetime | None, **other: Any) -> None:
    device = {"portal": "acme", "hexnode_id": 1, "owner_id": 7, "name": "Pixel", "seen_at": reported} | other
    connection.execute(insert(seen_devices).values(**device, last_reported=reported))


def test_a_placement_waits_for_the_account_then_for_the_group_and_is_then_on_its_way(acme: Acme, ada: str) -> None:
    assert _state(acme, ada) == [("waiting", "for the account")]
    _linked(acme, ada)
    assert _state(acme, ada) == [("waiting", "for the group to be made")]
    hexnode_groups.set_row(acme.connection, SALES, trouble="GROUP_EXISTS: why")
    assert _state(acme, ada) == [("waiting", "for the group: GROUP_EXISTS: why")]
    hexnode_groups.observe(acme.connection, SALES, 3, "Sales", acme.clock())
    assert _state(acme, ada) == [("on its way", None)]
    placements.observe(acme.connection, SALES, [ada], present=None)
    assert _state(acme, ada) == [("on its way", "the outcome of the last try is not known")]
    placements.observe(acme.connection, SALES, [ada], present=True)
    assert _about(acme, ada).placements == (Placement("Sales", "placed", None, acme.clock()),)


def test_a_refused_placement_a_withdrawal_and_one_that_is_held(acme: Acme, ada: str) -> None:
    placements.observe(acme.connection, SALES, [ada], present=True)
    placements.stop(acme.connection, SALES, [ada], "Hexnode refused: no")
    assert _state(acme, ada) == [("refused", "Hexnode refused: no")]
    acme.put(ada, active=False)
    assert _state(acme, ada) == [("being withdrawn", None)]
    hold = {"tenant": "acme", "held_since": acme.clock(), "reason": "51 in an hour"}
    acme.connection.execute(insert(withdrawal_holds).values(**hold))
    assert _state(acme, ada) == [("waiting", "the withdrawal is held for a person: 51 in an hour")]
    placements.observe(acme.connection, SALES, [ada], present=False)
    assert _state(acme, ada) == []


def test_how_the_account_is_linked(acme: Acme, ada: str) -> None:
    def link() -> str:
        account = _about(acme, ada).account
        assert account is not None
        return account.link

    assert link() == "none yet"
    accounts.create_sent(acme.connection, AccountKey("acme", ada), acme.clock())
    assert "outcome is not known" in link()
    _linked(acme, ada)
    assert link() == "Hexnode user 7, kept in step"
    _linked(acme, ada, "okta")
    assert link().startswith("Hexnode user 7, managed by the directory okta")


def test_somebody_who_was_never_here_has_no_account(acme: Acme) -> None:
    about = _about(acme, acme.user("ada@acme.test", active=False))
    assert (about.account, about.placements, about.devices, about.diagnoses) == (None, (), (), ())


def test_a_missing_address_is_told_with_its_remedy(acme: Acme) -> None:
    (diagnosis,) = _about(acme, acme.user("ada")).diagnoses
    assert (diagnosis.code, diagnosis.about) == ("SYNC_ATTR_MISSING", "account")
    assert diagnosis.remedy.startswith("Hexnode needs an email address")


def test_what_hexnode_refused_is_told_in_its_words(acme: Acme, ada: str) -> None:
    accounts.stop(acme.connection, AccountKey("acme", ada), "Hexnode refused: email: not allowed.")
    assert _about(acme, ada).diagnoses == (Diagnosis("REFUSED", "account", "Hexnode refused: email: not allowed."),)


def test_each_rule_that_does_not_fit_is_told_with_its_false_clause(acme: Acme) -> None:
    acme.policy = policy(rules=(rule("Makers", 'title eq "Maker" and active eq true', "makers"),))
    ada, bob = acme.user("ada@acme.test", title="Maker"), acme.user("bob@acme.test")
    assert _about(acme, ada).diagnoses == ()
    (diagnosis,) = _about(acme, bob).diagnoses
    assert (diagnosis.code, diagnosis.about) == ("GROUP_RULE_FAIL", "rule makers")
    assert 'title eq "Maker"' in diagnosis.remedy
    assert "active" not in diagnosis.remedy


class TestPayloadLatency:
    """Placed, but the device may not know."""

    @pytest.fixture
    def placed(self, acme: Acme, ada: str) -> Acme:
        _linked(acme, ada)
        hexnode_groups.observe(acme.connection, SALES, 3, "Sales", acme.clock())
        placements.observe(acme.connection, SALES, [ada], present=True)
        return acme

    @pytest.mark.parametrize(("minutes", "late"), [(-1, True), (1, False), (None, True)])
    def test_a_device_that_has_not_reported_since(self, placed: Acme, ada: str, minutes, late) -> None:
        reported = None if minutes is None else placed.clock() + timedelta(minutes=minutes)
        _has_device(placed.connection, reported, seen_at=placed.clock())
        placed.clock.advance(minutes=5)
        found = _about(placed, ada)
        assert [diagnosis.code for diagnosis in found.diagnoses] == (["PAYLOAD_LATENCY"] if late else [])
        assert [device.name for device in found.devices] == ["Pixel"]
        assert all("scan the device" in diagnosis.remedy for diagnosis in found.diagnoses)

    @pytest.mark.parametrize(("hours", "late"), [(24, False), (25, True)])
    def test_a_device_that_is_silent_for_a_day(self, placed: Acme, ada: str, hours, late) -> None:
        _has_device(placed.connection, placed.clock())
        placed.clock.advance(hours=hours)
        assert bool(_about(placed, ada).diagnoses) is late

    def test_somebody_who_is_placed_nowhere_waits_for_nothing(self, placed: Acme, ada: str) -> None:
        _has_device(placed.connection, None, seen_at=placed.clock())
        placed.connection.execute(update(rows).values(desired=False, observed=False))
        assert _about(placed, ada).diagnoses == ()

    def test_another_persons_device_is_not_theirs(self, placed: Acme, ada: str) -> None:
        _has_device(placed.connection, None, owner_id=8, seen_at=placed.clock())
        assert _about(placed, ada).devices == ()


def test_what_is_left_of_an_offboarding_is_told(acme: Acme, ada: str) -> None:
    acme.put(ada, active=False)
    assert _about(acme, ada).steps == (Step("lock", "ready", None),)
    acme.put(ada, active=True)
    assert _about(acme, ada).steps == ()
