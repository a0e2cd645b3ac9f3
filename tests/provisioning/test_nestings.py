"""Groups in groups: who is in them all, how the rows follow the groups, and that they are found by an index."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import Connection, Engine, insert, select

from scim_bridge.db.engine import writing
from scim_bridge.directory.model import GroupChange
from scim_bridge.provisioning import hexnode_groups, nestings
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.tables import nestings as rows
from scim_bridge.provisioning.tables import sources
from tests.clock import SteppedClock
from tests.plans import analyze, recorded
from tests.provisioning.acme import Acme, policy


def _rows(connection: Connection) -> set[tuple[str, str]]:
    return {(outer, inner) for outer, inner in connection.execute(select(rows.c.outer_id, rows.c.inner_id))}


def test_a_row_comes_and_goes_with_the_membership(acme: Acme, connection: Connection) -> None:
    ada, inner = acme.user("ada@acme.test"), acme.group("Inner")
    outer = acme.group("Outer", inner, ada, "nobody")
    assert _rows(connection) == {(outer, inner)}
    acme.leave(outer, inner)
    assert _rows(connection) == set()
    acme.join(outer, inner)
    assert _rows(connection) == {(outer, inner)}


@pytest.mark.parametrize("which", ["inner", "outer"])
def test_rows_go_with_either_group(acme: Acme, connection: Connection, which: str) -> None:
    inner = acme.group("Inner")
    outer = acme.group("Outer", inner)
    acme.delete_group({"inner": inner, "outer": outer}[which])
    assert _rows(connection) == set()


def test_the_ways_up_are_the_shortest_and_end_in_circles(acme: Acme, connection: Connection) -> None:
    low = acme.group("Low")
    mid = acme.group("Mid", low)
    top = acme.group("Top", mid, low)
    acme.join(low, top)
    assert nestings.ways_up(connection, "acme", [low]) == {low: (low,), mid: (low, mid), top: (low, top)}
    assert nestings.ways_up(connection, "acme", []) == {}


def test_everybody_below_is_found_through_a_circle(acme: Acme, connection: Connection) -> None:
    ada, bob = acme.user("ada@acme.test"), acme.user("bob@acme.test")
    low = acme.group("Low", ada)
    top = acme.group("Top", low, bob)
    acme.join(low, top)
    assert set(nestings.within(connection, "acme", [low])) == {low, top}
    assert {ada, bob} <= set(nestings.people_of(connection, "acme", [top]))


def test_another_tenants_groups_are_in_none_of_these(acme: Acme, connection: Connection) -> None:
    inner = acme.group("Inner")
    outer = acme.group("Outer", inner)
    assert nestings.within(connection, "other", [outer]) == [outer]
    assert nestings.ways_up(connection, "other", [inner]) == {inner: (inner,)}


def test_they_are_found_by_their_indexes(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        inner = Acme(connection, clock, policy()).group("Inner")
        many = [{"tenant": "acme", "outer_id": f"g{number + 1}", "inner_id": f"g{number}"} for number in range(9_000)]
        connection.execute(insert(rows), [row for row in many if not row["inner_id"].endswith("0")])
        fed = [{"tenant": "acme", "group_id": f"g{number}", "key": f"scim:g{number}"} for number in range(9_000)]
        connection.execute(insert(sources), fed)
    analyze(engine)
    with writing(engine) as connection:
        group = Acme(connection, clock, policy())._group(inner)
        with recorded(engine) as statements:
            nestings.concern(connection, GroupChange(group, group, (inner,)))
            nestings.within(connection, "acme", [inner])
            hexnode_groups.all_source_ids(connection, GroupKey("acme", f"scim:{inner}"))
            hexnode_groups.keys_fed_by(connection, "acme", [inner])
            nestings.ways_up(connection, "acme", [inner])
        asked = list(statements)
        prefix = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN (COSTS OFF) "
        for sql, parameters in asked:
            given = tuple(parameters) if isinstance(parameters, list) else parameters
            plan = "\n".join(str(row[-1]) for row in connection.exec_driver_sql(prefix + sql, given))
            scanned = [line for line in plan.splitlines() if line.strip(" ->").startswith(("Seq Scan", "SCAN"))]
            assert [line for line in scanned if "nestings" in line or "sources" in line] == [], sql + plan


def _meanwhile(engine: Engine, first: Callable[[Acme], object], second: Callable[[Acme], object]) -> None:
    """`second` begins when `first` has written but not yet committed."""

    def other() -> None:
        with writing(engine) as connection:
            second(Acme(connection, SteppedClock(), policy()))

    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as connection:
            first(Acme(connection, SteppedClock(), policy()))
            meeting = pool.submit(other)
            assert not _ended(meeting)
        meeting.result(timeout=10)


def _ended(other: Future[None]) -> bool:
    Event().wait(0.2)
    return other.done()


@pytest.mark.parametrize("nests_first", [True, False])
@pytest.mark.parametrize("verb", ["join", "leave"])
def test_who_joins_a_group_while_it_is_nested_or_taken_out_is_not_overlooked(
    engine: Engine, clock: SteppedClock, verb: str, nests_first: bool
) -> None:
    with writing(engine) as connection:
        acme = Acme(connection, clock, policy())
        ada, inner = acme.user("ada@acme.test"), acme.group("Inner")
        outer = acme.group("Outer", *([] if verb == "join" else [inner]))

    def nests(acme: Acme) -> None:
        getattr(acme, verb)(outer, inner)

    def joins(acme: Acme) -> None:
        acme.join(inner, ada)

    _meanwhile(engine, *((nests, joins) if nests_first else (joins, nests)))
    with writing(engine) as connection:
        placed = Acme(connection, clock, policy()).placed()
    assert placed == {(f"scim:{inner}", ada)} | ({(f"scim:{outer}", ada)} if verb == "join" else set())
