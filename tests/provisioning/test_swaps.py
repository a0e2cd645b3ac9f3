"""Swapped addresses as rows: who of a circle steps aside, and for whom nobody does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from scim_bridge.db.engine import connect, reading, writing
from scim_bridge.provisioning import accounts, renamed, seen
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.addresses import EMAIL_TAKEN
from scim_bridge.provisioning.mapping import Profile
from scim_bridge.provisioning.seen import SeenUser
from scim_bridge.provisioning.swaps import ASIDE_REFUSED
from scim_bridge.provisioning.tables import account_to_describe
from scim_bridge.provisioning.tables import accounts as rows
from scim_bridge.web.attempts import attempted
from tests.clock import SteppedClock
from tests.provisioning.acme import Acme, policy

NAMES = ("ada", "bob", "eve", "ivy")
ASIDE = {name: f"aside-{number}@scim-bridge.invalid" for number, name in enumerate(NAMES, 7)}


def _at_hexnode(number: int, name: str) -> SeenUser:
    return SeenUser(number, name, f"{name}@acme.test", None, "local")


def _hired(acme: Acme, names: tuple[str, ...]) -> dict[str, str]:
    people = [_at_hexnode(number, name) for number, name in enumerate(names, 7)]
    seen.note_users(acme.connection, "acme", people, acme.clock())
    return {name: acme.user(f"{name}@acme.test", displayName=name) for name in names}


@pytest.fixture
def ids(acme: Acme) -> dict[str, str]:
    """Four people by name, Hexnode's users 7 to 10; nothing waits."""
    return _hired(acme, NAMES)


@pytest.fixture
def gets(acme: Acme, ids: dict[str, str]) -> Callable[[str, str], None]:
    """The IdP gives somebody an address."""
    return lambda who, name: acme.put(ids[who], emails=[{"value": f"{name}@acme.test"}])


def _stand(acme: Acme, user_id: str) -> tuple[str | None, str | None]:
    account = acme.account(user_id)
    return account.aside_email, account.trouble


def _asides(connection: Connection) -> list[str]:
    return list(connection.execute(select(rows.c.aside_email).where(rows.c.aside_email.is_not(None))).scalars())


def _waiting(connection: Connection) -> list[str]:
    return list(connection.execute(select(rows.c.observed_name).where(account_to_describe)).scalars())


def _accepted(acme: Acme, user_id: str, name: str, email: str) -> None:
    accounts.observe_profile(acme.connection, AccountKey("acme", user_id), Profile(name, email, None), acme.clock())


def test_who_closes_the_circle_steps_aside_and_nobody_else(acme: Acme, ids: dict[str, str], gets: Any) -> None:
    gets("ada", "bob")
    gets("bob", "eve")
    assert _asides(acme.connection) == []
    gets("eve", "ada")
    assert [_stand(acme, ids[name]) for name in ("ada", "bob", "eve")] == [
        (None, EMAIL_TAKEN),
        (None, EMAIL_TAKEN),
        (ASIDE["eve"], None),
    ]
    assert _waiting(acme.connection) == ["eve"]


def test_who_is_aside_waits_for_the_wished_address_until_it_is_free(acme: Acme, ids: dict[str, str], gets: Any) -> None:
    gets("ada", "bob")
    gets("bob", "ada")
    _accepted(acme, ids["bob"], "bob", ASIDE["bob"])
    assert (_stand(acme, ids["bob"]), acme.account(ids["bob"]).observed_email) == ((None, EMAIL_TAKEN), ASIDE["bob"])
    assert _waiting(acme.connection) == ["ada"]
    _accepted(acme, ids["ada"], "ada", "bob@acme.test")
    assert (_stand(acme, ids["bob"]), _waiting(acme.connection)) == ((None, None), ["bob"])


def test_people_who_wait_for_a_circle_are_not_of_it(acme: Acme, ids: dict[str, str], gets: Any) -> None:
    gets("ada", "bob")
    gets("bob", "ada")
    gets("eve", "ada")
    gets("ivy", "eve")
    assert [_stand(acme, ids[name]) for name in ("eve", "ivy")] == [(None, EMAIL_TAKEN)] * 2
    assert _asides(acme.connection) == [ASIDE["bob"]]


def test_an_edit_that_was_under_way_lets_the_one_who_steps_aside_go_on(
    acme: Acme, ids: dict[str, str], gets: Any
) -> None:
    gets("ada", "bob")
    gets("bob", "ada")
    _accepted(acme, ids["bob"], "Bob before", "bob@acme.test")
    assert _stand(acme, ids["bob"]) == (ASIDE["bob"], None)


@pytest.mark.parametrize("change", [{"observed_domain": "okta"}, {"trouble": "Hexnode refused: no"}], ids=str)
def test_there_is_no_circle_with_somebody_who_cannot_be_moved(
    acme: Acme, ids: dict[str, str], gets: Any, change: dict[str, str]
) -> None:
    gets("ada", "bob")
    acme.connection.execute(update(rows).where(rows.c.user_id == ids["ada"]).values(**change))
    gets("bob", "ada")
    assert _stand(acme, ids["bob"]) == (None, EMAIL_TAKEN)


def test_a_user_of_another_domain_steps_aside_for_nobody(acme: Acme, ids: dict[str, str], gets: Any) -> None:
    acme.connection.execute(update(rows).where(rows.c.user_id == ids["bob"]).values(observed_domain="okta"))
    gets("ada", "bob")
    gets("bob", "ada")
    assert _stand(acme, ids["bob"]) == (None, EMAIL_TAKEN)


def test_a_protected_person_steps_aside_for_nobody(acme: Acme, ids: dict[str, str], gets: Any) -> None:
    acme.policy = replace(acme.policy, protected_users=("bob@*",))
    gets("ada", "bob")
    gets("bob", "ada")
    gets("ada", "bob")
    assert _asides(acme.connection) == []


def test_a_circle_is_of_one_tenant(acme: Acme, ids: dict[str, str], gets: Any) -> None:
    gets("ada", "bob")
    acme.connection.execute(update(rows).where(rows.c.user_id == ids["ada"]).values(tenant="other"))
    gets("bob", "ada")
    assert _stand(acme, ids["bob"]) == (None, EMAIL_TAKEN)


@pytest.mark.parametrize("left", ["ada", "bob", "eve"])
def test_who_is_wished_otherwise_opens_the_circle_from_wherever(
    acme: Acme, ids: dict[str, str], gets: Any, left: str
) -> None:
    for who, name in (("ada", "bob"), ("bob", "eve"), ("eve", "ada")):
        gets(who, name)
    gets(left, left)
    assert _asides(acme.connection) == []
    assert _waiting(acme.connection) == []


def test_what_else_changes_of_a_person_keeps_the_circle_as_it_is(acme: Acme, ids: dict[str, str], gets: Any) -> None:
    gets("ada", "bob")
    gets("bob", "ada")
    acme.put(ids["ada"], displayName="Ada L")
    assert _asides(acme.connection) == [ASIDE["bob"]]
    acme.put(ids["bob"], displayName="Bob B")
    assert _asides(acme.connection) == [ASIDE["bob"]]


def test_an_address_that_becomes_free_is_taken_without_stepping_aside(
    acme: Acme, ids: dict[str, str], gets: Any
) -> None:
    gets("ada", "bob")
    gets("bob", "ada")
    moved = replace(_at_hexnode(7, "ada"), email="by.hand@acme.test")
    seen.note_users(acme.connection, "acme", [moved], acme.clock())
    accounts.link_seen(acme.connection, "acme", moved, acme.clock())
    assert _asides(acme.connection) == []
    assert _stand(acme, ids["bob"]) == (None, None)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_survey_in_between_shows_nobodys_change_and_stops_nobody(
    acme: Acme, ids: dict[str, str], gets: Any, order: tuple[int, int]
) -> None:
    gets("ada", "bob")
    gets("bob", "ada")
    shown = [_at_hexnode(7, "ada"), _at_hexnode(8, "bob")]
    _survey(acme, [shown[at] for at in order])
    assert len(_asides(acme.connection)) == 1
    assert len(_waiting(acme.connection)) == 1
    gets("bob", "ada")
    _accepted(acme, *_who_is_aside(acme))
    shown = [SeenUser(row.hexnode_id, row.observed_name, row.observed_email, None, "local") for row in _both(acme, ids)]
    _survey(acme, [shown[at] for at in order])
    assert [row.drifted_at for row in _both(acme, ids)] == [None, None]
    assert sorted(row.trouble or "" for row in _both(acme, ids)) == ["", EMAIL_TAKEN]


def _both(acme: Acme, ids: dict[str, str]) -> list[Any]:
    return [acme.account(ids[name]) for name in ("ada", "bob")]


def _who_is_aside(acme: Acme) -> tuple[str, str, str]:
    found = select(rows.c.user_id, rows.c.observed_name, rows.c.aside_email).where(rows.c.aside_email.is_not(None))
    user_id, name, email = acme.connection.execute(found).one()
    return user_id, name, email


def _survey(acme: Acme, people: list[SeenUser]) -> None:
    seen.note_users(acme.connection, "acme", people, acme.clock())
    renamed.mark_users(acme.connection, "acme", people, acme.clock())
    for person in people:
        accounts.link_seen(acme.connection, "acme", person, acme.clock())


def test_an_edit_that_may_have_moved_somebody_aside_is_sent_again_and_a_survey_that_shows_it_is_as_good(
    acme: Acme, ids: dict[str, str], gets: Any
) -> None:
    gets("ada", "bob")
    gets("bob", "ada")
    accounts.forget_profile(acme.connection, AccountKey("acme", ids["bob"]))
    assert _stand(acme, ids["bob"]) == (ASIDE["bob"], None)
    _survey(acme, [replace(_at_hexnode(8, "bob"), email=ASIDE["bob"])])
    assert (_stand(acme, ids["bob"]), acme.account(ids["bob"]).drifted_at) == ((None, EMAIL_TAKEN), None)
    assert _waiting(acme.connection) == ["ada"]


def test_a_refused_step_aside_stops_the_whole_circle_until_something_changes(
    acme: Acme, ids: dict[str, str], gets: Any
) -> None:
    for who, name in (("ada", "bob"), ("bob", "eve"), ("eve", "ada"), ("ivy", "ada")):
        gets(who, name)
    accounts.stop(acme.connection, AccountKey("acme", ids["eve"]), "Hexnode refused: no such domain.")
    told = f"{ASIDE_REFUSED} Hexnode refused: no such domain."
    assert [_stand(acme, ids[name])[1] for name in NAMES] == [told, told, told, EMAIL_TAKEN]
    assert _waiting(acme.connection) == []
    acme.put(ids["bob"], displayName="Bob B")
    assert _waiting(acme.connection) == ["bob"]


def test_people_who_swap_at_the_same_moment_never_all_wait(database_url: str, engine: Engine) -> None:
    with writing(engine) as connection:
        ids = _hired(Acme(connection, SteppedClock(), policy()), NAMES)
    together = Barrier(len(NAMES))

    def swap(who: str, name: str) -> None:
        own = connect(database_url)
        together.wait(timeout=30)
        attempted(lambda: _swapped(own, ids[who], name))
        own.dispose()

    with ThreadPoolExecutor(len(NAMES)) as pool:
        for swapper in [pool.submit(swap, who, name) for who, name in zip(NAMES, NAMES[1:] + NAMES[:1], strict=True)]:
            swapper.result(timeout=60)
    with reading(engine) as connection:
        assert len(_asides(connection)) == 1
        assert connection.execute(select(rows.c.trouble)).scalars().all().count(EMAIL_TAKEN) == len(NAMES) - 1


def _swapped(engine: Engine, user_id: str, name: str) -> None:
    with writing(engine) as connection:
        Acme(connection, SteppedClock(), policy()).put(user_id, emails=[{"value": f"{name}@acme.test"}])
