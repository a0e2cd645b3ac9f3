"""Writers who meet: on PostgreSQL with real connections, on SQLite in its queue. What each did is seen by the other."""

import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from sqlalchemy import Engine, select

from scim_bridge.db.engine import connect, reading, writing
from scim_bridge.directory.tables import groups, memberships, users
from scim_bridge.provisioning import placements
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.tables import hexnode_groups, sources
from scim_bridge.provisioning.tables import placements as rows
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.members import MemberChange
from tests.clock import SteppedClock
from tests.provisioning.acme import Acme, policy

RULES = policy(group_names={"A": "First", "B": "First", "C": "Second", "D": "Second"})
ROUNDS = 50


def _write(engine: Engine, work: Callable[[Acme], object]) -> None:
    """One SCIM request in a transaction of its own."""
    with writing(engine) as connection:
        work(Acme(connection, SteppedClock(), RULES))


def _meanwhile(engine: Engine, first: Callable[[Acme], object], second: Callable[[Acme], object]) -> None:
    """`second` begins when `first` has written but not yet committed."""
    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as connection:
            first(Acme(connection, SteppedClock(), RULES))
            other = pool.submit(_write, engine, second)
            assert not _ended(other)
        other.result(timeout=10)


def _ended(other: Future[None]) -> bool:
    """Whether it ends although the first has not committed: then neither would see the other."""
    Event().wait(0.2)
    return other.done()


@pytest.fixture
def people(engine: Engine) -> list[str]:
    """Four people who are here."""
    with writing(engine) as connection:
        acme = Acme(connection, SteppedClock(), RULES)
        return [acme.user(f"user{number}@acme.test") for number in range(4)]


@pytest.fixture
def teams(engine: Engine, people: list[str]) -> list[str]:
    """Four groups, two to a Hexnode group, with the last person in each."""
    with writing(engine) as connection:
        acme = Acme(connection, SteppedClock(), RULES)
        return [acme.group(name, people[-1]) for name in "ABCD"]


def _desired(engine: Engine) -> set[tuple[str, str]]:
    with reading(engine) as connection:
        return Acme(connection, SteppedClock(), RULES).placed()


def test_somebody_who_joins_while_leaving_is_not_placed(engine: Engine, people: list[str], teams: list[str]) -> None:
    leaver = people[0]
    _meanwhile(engine, lambda acme: acme.put(leaver, active=False), lambda acme: acme.join(teams[0], leaver))
    assert leaver not in {user for _, user in _desired(engine)}


def test_somebody_who_leaves_while_joining_is_not_placed(engine: Engine, people: list[str], teams: list[str]) -> None:
    leaver = people[0]
    _meanwhile(engine, lambda acme: acme.join(teams[0], leaver), lambda acme: acme.put(leaver, active=False))
    assert leaver not in {user for _, user in _desired(engine)}


def test_somebody_deleted_while_joining_is_not_placed(engine: Engine, people: list[str], teams: list[str]) -> None:
    leaver = people[0]
    _meanwhile(engine, lambda acme: acme.join(teams[0], leaver), lambda acme: acme.delete_user(leaver))
    assert leaver not in {user for _, user in _desired(engine)}


def test_somebody_who_joins_while_returning_is_placed(engine: Engine, people: list[str], teams: list[str]) -> None:
    person = people[0]
    _write(engine, lambda acme: acme.put(person, active=False))
    _meanwhile(engine, lambda acme: acme.put(person, active=True), lambda acme: acme.join(teams[0], person))
    assert ("name:first", person) in _desired(engine)


def test_somebody_who_changes_between_two_sources_of_one_group_stays_in_it(
    engine: Engine, people: list[str], teams: list[str]
) -> None:
    mover = people[-1]
    _write(engine, lambda acme: acme.leave(teams[1], mover))
    _meanwhile(engine, lambda acme: acme.leave(teams[0], mover), lambda acme: acme.join(teams[1], mover))
    assert ("name:first", mover) in _desired(engine)


def test_a_group_left_by_one_source_while_another_comes_is_still_wished(
    engine: Engine, people: list[str], teams: list[str]
) -> None:
    _write(engine, lambda acme: acme.delete_group(teams[1]))
    _write(engine, lambda acme: acme.delete_group(teams[3]))
    _meanwhile(engine, lambda acme: acme.write(teams[0], "Other"), lambda acme: acme.write(teams[2], "B"))
    with reading(engine) as connection:
        assert "name:first" in Acme(connection, SteppedClock(), RULES).wished_groups()
    assert ("name:first", people[-1]) in _desired(engine)


def test_what_the_driver_learns_while_a_wish_is_written_is_kept(
    engine: Engine, people: list[str], teams: list[str]
) -> None:
    """Hexnode took somebody who is withdrawn at that moment: were it forgotten, nobody would take them out again."""
    leaver, first = people[-1], GroupKey("acme", "name:first")
    _meanwhile(
        engine,
        lambda acme: acme.put(leaver, active=False),
        lambda acme: placements.observe(acme.connection, first, [leaver], present=True),
    )
    _meanwhile(
        engine,
        lambda acme: placements.observe(acme.connection, first, [leaver], present=None),
        lambda acme: acme.put(leaver, active=True),
    )
    with reading(engine) as connection:
        mine = (rows.c.user_id == leaver, rows.c.key == first.key)
        assert connection.execute(select(rows.c.desired, rows.c.observed).where(*mine)).one() == (True, None)


def test_groups_that_swap_what_they_feed_never_block_each_other(
    database_url: str, engine: Engine, people: list[str], teams: list[str]
) -> None:
    for team in (teams[1], teams[3]):
        _write(engine, lambda acme, team=team: acme.delete_group(team))
    together = Barrier(2)

    def swap(team: str, names: str) -> None:
        own = connect(database_url)
        for name in names * (ROUNDS // 2):
            together.wait(timeout=30)
            _write(own, lambda acme, name=name: acme.write(team, name))
        own.dispose()

    with ThreadPoolExecutor(2) as pool:
        for swapper in [pool.submit(swap, teams[0], "DA"), pool.submit(swap, teams[2], "BC")]:
            swapper.result(timeout=100)
    assert _desired(engine) == _from_scratch(engine) == {("name:first", people[-1]), ("name:second", people[-1])}
    assert _wished_groups(engine) == {"name:first", "name:second"}


def test_random_writers_never_block_each_other_and_leave_what_was_wished(
    database_url: str, engine: Engine, people: list[str], teams: list[str]
) -> None:
    writers = 4
    together = Barrier(writers)

    def write(seed: int) -> None:
        choice, own = random.Random(seed), connect(database_url)
        for _ in range(ROUNDS):
            together.wait(timeout=30)
            _one_write(own, choice, people, teams)
        own.dispose()

    with ThreadPoolExecutor(writers) as pool:
        for writer in [pool.submit(write, seed) for seed in range(writers)]:
            writer.result(timeout=100)
    assert _desired(engine) == _from_scratch(engine)
    assert _wished_groups(engine) == _fed_groups(engine)


def _one_write(engine: Engine, choice: random.Random, people: list[str], teams: list[str]) -> None:
    """A deadlock would leave this as an error of the database; a name that is taken is no fault."""
    some = tuple(choice.sample(people, choice.randint(1, 4)))
    kind = choice.choice(["add", "remove", "replace"])
    person, team, name = choice.choice(people), choice.choice(teams), choice.choice("ABCDEFGH")
    work: Callable[[Acme], object] = choice.choice(
        [
            lambda acme: acme.put(person, active=choice.random() < 0.5),
            lambda acme: acme.put(person, displayName=str(choice.random()), active=True),
            lambda acme: acme.write(team, changes=[MemberChange(kind, some)]),
            lambda acme: acme.write(team, name, [MemberChange(kind, some)]),
            lambda acme: placements.observe(acme.connection, GroupKey("acme", "name:first"), some, present=True),
        ]
    )
    try:
        _write(engine, work)
    except ScimError as error:
        assert error.scim_type == "uniqueness"


def _from_scratch(engine: Engine) -> set[tuple[str, str]]:
    """Who should be placed, by joining what the directory says with what feeds what."""
    query = (
        select(sources.c.key, memberships.c.member_id)
        .join(memberships, memberships.c.group_id == sources.c.group_id)
        .join(users, users.c.id == memberships.c.member_id)
        .where(users.c.active.is_(True), users.c.deleted_at.is_(None))
    )
    with reading(engine) as connection:
        return {(key, user_id) for key, user_id in connection.execute(query)}


def _wished_groups(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        wished = select(hexnode_groups.c.key).where(hexnode_groups.c.desired_present.is_(True))
        return set(connection.execute(wished).scalars())


def _fed_groups(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        fed = select(sources.c.key).join(groups, groups.c.id == sources.c.group_id)
        return set(connection.execute(fed).scalars())
