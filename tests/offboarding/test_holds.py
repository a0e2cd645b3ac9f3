"""Holds of offboarding: too much at once waits for a person; the first locks go on; what is let go goes in waves."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine, event, select, update
from structlog.testing import capture_logs

from scim_bridge.db.engine import writing
from scim_bridge.offboarding import holds
from scim_bridge.offboarding.guard import Limit, Standing
from scim_bridge.offboarding.hold_rows import ITS_STEP, SAME_CASE
from scim_bridge.offboarding.holds import Batch, Permission
from scim_bridge.offboarding.tables import cases, device_actions, offboarding_holds, steps
from tests.clock import SteppedClock


class Tenant:
    """A tenant with three cases an hour and six a day, two devices an hour and four a day, three wipes a day."""

    def __init__(self, connection: Connection, clock: SteppedClock) -> None:
        self.connection, self.clock = connection, clock
        self.counted: list[str] = []
        self.users, self.devices = 10, 10
        cases_, devices = ((Limit("hour", number, 10), Limit("day", 2 * number, 20)) for number in (3, 2))
        self.standing = Standing("acme", cases_, devices, 3, self._count_users, self._count_devices)

    def _count_users(self) -> int:
        self.counted.append("users")
        return self.users

    def _count_devices(self) -> int:
        self.counted.append("devices")
        return self.devices

    def leave(self, *names: str, tenant: str = "acme") -> None:
        """These people's cases are opened, one second after the other, each with its lock ready."""
        for name in names:
            self.clock.advance(seconds=1)
            mine = {"tenant": tenant, "user_id": name}
            row = {**mine, "id": f"case-{name}", "trigger": "deactivated", "state": "open"}
            self.connection.execute(cases.insert().values(**row, opened_at=self.clock()))
            self._step(mine, 10, "lock", "ready")
            self._step(mine, 20, "quarantine", "ready")
            self._step(mine, 30, "disenroll", "planned")

    def _step(self, mine: dict[str, str], position: int, kind: str, state: str) -> None:
        row = {**mine, "case_id": f"case-{mine['user_id']}", "position": position, "kind": kind, "argument": ""}
        row |= {"ownership": [], "platforms": [], "state": state, "alone": False}
        now = self.clock()
        self.connection.execute(steps.insert().values(**row, due_at=now, changed_at=now))

    def plan(self, name: str, *devices: int, kind: str = "disenroll", state: str = "ready") -> None:
        """These devices of the person are to be acted on."""
        now = self.clock()
        for device in devices:
            row = {"tenant": "acme", "case_id": f"case-{name}", "position": 30, "device_id": device, "portal": "acme"}
            row |= {"user_id": name, "kind": kind, "owner_id": 1, "serial": "S", "enrolled_time": str(device)}
            row |= {"name": "n", "ownership": "corporate", "state": state, "due_at": now, "changed_at": now}
            self.connection.execute(device_actions.insert().values(**row))

    def send(self, *devices: int, state: str = "accepted") -> None:
        """These are on their way."""
        mine = device_actions.c.device_id.in_(devices)
        self.connection.execute(update(device_actions).where(mine).values(state=state, sent_at=self.clock()))

    def lock(self, *names: str) -> None:
        """Their locks are on their way."""
        mine = (steps.c.user_id.in_(names), steps.c.kind == "lock")
        self.connection.execute(update(steps).where(*mine).values(state="accepted", attempts=1))

    def close(self, *names: str, state: str = "cancelled") -> None:
        """They are back before anything else was sent, or all is done."""
        mine = cases.c.user_id.in_(names)
        self.connection.execute(update(cases).where(mine).values(state=state, closed_at=self.clock()))
        unsent = (steps.c.user_id.in_(names), steps.c.state.in_(("planned", "ready")))
        self.connection.execute(update(steps).where(*unsent).values(state="cancelled"))
        left = (device_actions.c.user_id.in_(names), device_actions.c.state == "ready")
        self.connection.execute(update(device_actions).where(*left).values(state="cancelled"))

    def ask(self) -> Permission:
        return holds.refresh(self.connection, self.standing, self.clock())

    def why(self) -> str | None:
        return self.ask().reason

    def release(self, by: str = "jane") -> None:
        holds.release(self.connection, "acme", by, "checked with HR", self.clock())

    def lockable(self) -> str:
        """The people whose locks may be sent."""
        return self._people(steps.c.kind == "lock", holds.may_lock)

    def sendable(self) -> str:
        """The people whose other steps may be sent."""
        return self._people(steps.c.kind == "quarantine", holds.may_send)

    def _people(self, *conditions) -> str:
        query = select(cases.c.user_id).join(steps, ITS_STEP).where(*conditions, steps.c.state == "ready")
        return " ".join(self.connection.execute(query.order_by(cases.c.id), self.ask().values).scalars())

    def actable(self) -> list[int]:
        """The devices of which the next to be sent may be taken."""
        query = select(device_actions.c.device_id).join(cases, SAME_CASE)
        ready = (holds.may_act, device_actions.c.state == "ready")
        return list(
            self.connection.execute(
                query.where(*ready).order_by(device_actions.c.device_id), self.ask().values
            ).scalars()
        )

    def row(self):
        return self.connection.execute(select(offboarding_holds)).one_or_none()


@pytest.fixture
def tenant(engine: Engine, clock: SteppedClock) -> Iterator[Tenant]:
    with writing(engine) as connection:
        yield Tenant(connection, clock)


# --- Cases ---


def test_everyday_work_goes_on(tenant):
    tenant.leave("a", "b", "c")
    assert tenant.lockable() == tenant.sendable() == "a b c"
    assert tenant.row() is None


def test_one_more_in_an_hour_holds_the_whole_batch_but_the_first_locks(tenant):
    tenant.leave("a", "b", "c", "d")
    assert tenant.why() == "4 cases were opened in the last hour; the guard allows 3 or 10 % of 10 active users (1)"
    assert tenant.sendable() == ""
    assert tenant.lockable() == "a b c"
    assert (tenant.row().held_since, tenant.row().reason) == (tenant.clock(), tenant.why())


def test_a_share_of_the_active_users_may_be_more(tenant):
    tenant.users = 40
    tenant.leave("a", "b", "c", "d")
    assert tenant.sendable() == "a b c d"
    tenant.leave("e")
    assert tenant.sendable() == ""
    assert tenant.lockable() == "a b c d"


def test_after_an_hour_there_is_room_again_until_the_day_is_full(tenant):
    tenant.leave("a", "b", "c")
    tenant.clock.advance(hours=1)
    tenant.leave("d", "e", "f")
    assert tenant.why() is None
    tenant.clock.advance(hours=1)
    tenant.leave("g")
    assert tenant.why().startswith("7 cases were opened in the last day;")
    assert tenant.sendable() == ""
    assert tenant.lockable() == "a b c d e f"


def test_after_a_day_there_is_room_again(tenant):
    tenant.leave("a", "b", "c")
    tenant.clock.advance(hours=1)
    tenant.leave("d", "e", "f")
    tenant.lock(*"abcdef")
    tenant.clock.advance(hours=24)
    tenant.leave("g")
    assert tenant.why() is None


def test_who_was_locked_and_is_done_counts_too(tenant):
    for name in ("a", "b", "c"):
        tenant.leave(name)
        tenant.lock(name)
        tenant.close(name, state="done")
    tenant.leave("d")
    assert tenant.lockable() == tenant.sendable() == ""


def test_who_came_back_before_anything_was_sent_does_not_count(tenant):
    tenant.leave("a", "b", "c")
    tenant.close("a", "b")
    tenant.leave("d", "e")
    assert tenant.sendable() == "c d e"


def test_who_came_back_after_the_lock_was_sent_does_count(tenant):
    tenant.leave("a", "b", "c")
    tenant.lock("a")
    tenant.close("a")
    tenant.leave("d")
    assert tenant.sendable() == ""
    assert tenant.lockable() == "b c"


def test_those_of_one_moment_are_told_apart(tenant):
    tenant.standing = replace(tenant.standing, cases=(Limit("hour", 3, 0), Limit("day", 100, 0)))
    tenant.leave("a", "b")
    tenant.clock.advance(seconds=1)
    for name in ("f", "e", "d", "c"):
        tenant.leave(name)
        tenant.clock.advance(seconds=-1)
    assert tenant.lockable() == "a b c"


def test_whose_case_was_written_late_takes_no_place_that_is_used(tenant):
    """Requests run side by side: a case may be written after others that were opened later."""
    tenant.leave("a", "b", "d", "e")
    tenant.lock("a", "b", "d")
    tenant.clock.advance(seconds=-2)
    tenant.leave("c")
    tenant.clock.advance(seconds=2)
    assert tenant.lockable() == ""


def test_however_long_it_is_held_no_more_locks_go(tenant):
    tenant.leave("a", "b", "c", "d", "e")
    tenant.lock(*tenant.lockable().split())
    for _ in range(3):
        assert tenant.lockable() == ""
        tenant.clock.advance(hours=24)
    tenant.leave("f")
    assert tenant.lockable() == tenant.sendable() == ""


def test_a_mass_of_yesterday_is_held_when_the_driver_comes_back(tenant):
    tenant.leave(*"abcdefgh")
    tenant.clock.advance(hours=5)
    assert tenant.why().startswith("8 cases were opened in the last day;")
    assert tenant.lockable() == "a b c d e f"
    assert tenant.sendable() == ""


def test_a_mass_of_long_ago_is_held_when_the_driver_comes_back(tenant):
    tenant.leave(*"abcdefg")
    tenant.clock.advance(days=2)
    tenant.leave("new")
    assert tenant.why().startswith("8 cases were opened in the last day or have waited for longer;")
    assert tenant.lockable() == "new", "who has waited for days waits for a person"
    tenant.release()
    assert tenant.lockable() == tenant.sendable() == "a b c d e f g new"


def test_a_few_of_long_ago_are_not_held(tenant):
    tenant.leave(*"abcdef")
    tenant.clock.advance(days=2)
    assert tenant.lockable() == tenant.sendable() == "a b c d e f"


def test_later_steps_of_long_ago_are_no_mass(tenant):
    tenant.leave(*"abc")
    tenant.lock(*"abc")
    tenant.clock.advance(days=2)
    tenant.leave(*"def")
    tenant.lock(*"def")
    tenant.clock.advance(days=2)
    tenant.leave("g")
    assert tenant.sendable() == "a b c d e f g"


def test_whom_no_survey_has_found_is_no_mass(tenant):
    tenant.leave(*"abcdefg")
    tenant.connection.execute(update(steps).values(unfound_at=tenant.clock()))
    tenant.clock.advance(days=2)
    tenant.leave("new")
    assert tenant.why() is None


def test_a_hold_stays_whatever_the_limits_become(tenant):
    tenant.leave("a", "b", "c", "d")
    tenant.ask()
    tenant.users = 1_000
    assert tenant.sendable() == ""


def test_a_limit_of_nothing_lets_no_lock_go(tenant):
    nothing = (Limit("hour", 0, 0), Limit("day", 0, 0))
    tenant.standing = replace(tenant.standing, cases=nothing)
    tenant.leave("a", "b")
    assert tenant.lockable() == tenant.sendable() == ""


def test_others_are_not_held(tenant):
    tenant.leave("a", "b", "c", "d")
    tenant.leave("x", tenant="globex")
    tenant.ask()
    other = holds.refresh(tenant.connection, replace(tenant.standing, tenant="globex"), tenant.clock())
    assert other.reason is None


# --- How it ends ---


def test_it_ends_when_nothing_held_waits_any_more(tenant):
    tenant.leave("a", "b", "c", "d")
    tenant.ask()
    tenant.close("a", "b", "c")
    assert tenant.sendable() == ""
    tenant.close("d")
    assert tenant.why() is None
    assert tenant.row().held_since is None
    tenant.leave("e")
    assert tenant.sendable() == tenant.lockable() == "e"


def test_who_has_only_to_be_confirmed_does_not_wait(tenant):
    tenant.leave("a", "b", "c", "d")
    tenant.ask()
    tenant.close("b", "c", "d")
    tenant.connection.execute(update(steps).where(steps.c.user_id == "a").values(state="accepted"))
    assert tenant.why() is None


def test_what_a_person_lets_go_is_sent(tenant):
    tenant.leave("a", "b", "c", "d")
    tenant.ask()
    tenant.release()
    assert tenant.why() is None
    assert tenant.sendable() == tenant.lockable() == "a b c d"
    row = tenant.row()
    assert (row.held_since, row.reason) == (None, None)
    assert (row.released_at, row.released_by, row.release_reason) == (tenant.clock(), "jane", "checked with HR")


def test_what_is_opened_after_a_release_is_judged_anew(tenant):
    tenant.leave("a", "b", "c", "d")
    tenant.release()
    tenant.leave("e", "f", "g")
    assert tenant.sendable() == "a b c d e f g"
    tenant.leave("h")
    assert tenant.why().startswith("4 cases were opened in the last hour;")
    assert tenant.sendable() == "a b c d", "a person has let them go"
    assert tenant.lockable() == "a b c d e f g"


def test_a_release_while_a_hold_begins_leaves_nothing_held(tenant):
    tenant.leave("a", "b", "c", "d")
    tenant.release()
    row = {"tenant": "acme", "held_since": tenant.clock(), "reason": "written by a driver that had not seen it"}
    tenant.connection.execute(update(offboarding_holds).values(**row))
    assert tenant.why() is None


# --- Devices ---


def test_as_many_devices_as_the_guard_allows_go_at_once(tenant):
    tenant.leave("a")
    tenant.plan("a", 1, 2)
    assert tenant.actable() == [1, 2]


def test_one_more_device_holds_everything_but_locks(tenant):
    tenant.leave("a", "b")
    tenant.plan("a", 1, 2, 3)
    assert tenant.why() == (
        "3 destructive device actions are ready or were sent in the last hour; "
        "the guard allows 2 or 10 % of 10 devices (1)"
    )
    assert (tenant.actable(), tenant.sendable(), tenant.lockable()) == ([], "", "a b")


def test_a_share_of_the_devices_may_be_more(tenant):
    tenant.devices = 30
    tenant.leave("a")
    tenant.plan("a", 1, 2, 3)
    assert tenant.actable() == [1, 2, 3]
    tenant.plan("a", 4)
    assert tenant.actable() == []


def test_devices_sent_in_the_last_hour_and_day_count(tenant):
    tenant.leave("a")
    tenant.plan("a", 1, 2)
    tenant.send(1, 2)
    tenant.clock.advance(minutes=59, seconds=59)
    tenant.plan("a", 3)
    assert would_hold(tenant)
    tenant.clock.advance(seconds=1)
    assert tenant.actable() == [3]
    tenant.plan("a", 4)
    tenant.send(3, 4)
    tenant.clock.advance(hours=2)
    tenant.plan("a", 5)
    assert tenant.why().startswith("5 destructive device actions are ready or were sent in the last day;")


def test_one_that_is_ready_again_is_counted_once(tenant):
    tenant.leave("a")
    tenant.plan("a", 1, 2)
    tenant.send(1, 2)
    tenant.send(2, state="ready")
    assert tenant.actable() == [2]


def test_what_hexnode_refused_was_not_done(tenant):
    tenant.leave("a")
    tenant.plan("a", 1, 2)
    tenant.send(1, 2, state="refused")
    tenant.plan("a", 3, 4)
    assert tenant.actable() == [3, 4]


def test_what_is_planned_does_not_count_yet(tenant):
    tenant.leave("a")
    tenant.plan("a", 1, 2)
    tenant.plan("a", 3, 4, 5, state="planned")
    assert tenant.actable() == [1, 2]


def test_devices_that_were_let_go_follow_in_waves(tenant):
    tenant.leave("a")
    tenant.plan("a", *range(1, 11))
    assert tenant.actable() == []
    tenant.release()
    assert sent_at_once(tenant) == 1
    tenant.clock.advance(minutes=9, seconds=59)
    assert sent_at_once(tenant) == 0
    tenant.clock.advance(seconds=1)
    assert sent_at_once(tenant) == 5
    tenant.clock.advance(minutes=9, seconds=59)
    assert sent_at_once(tenant) == 0
    tenant.clock.advance(seconds=1)
    assert sent_at_once(tenant) == 2
    tenant.clock.advance(seconds=59)
    assert sent_at_once(tenant) == 0
    tenant.clock.advance(seconds=1)
    assert sent_at_once(tenant) == 2
    assert tenant.why() is None


def sent_at_once(tenant):
    """How many a driver sends that asks before each."""
    number = 0
    while ready := tenant.actable():
        tenant.send(ready[0])
        number += 1
    return number


def test_waves_do_not_hold_up_what_was_opened_after_the_release(tenant):
    tenant.leave("a")
    tenant.plan("a", 1, 2, 3)
    tenant.release()
    tenant.send(1)
    tenant.leave("b")
    tenant.plan("b", 11, 12)
    assert tenant.actable() == [11, 12]
    assert tenant.sendable() == tenant.lockable() == "a b"


def test_what_was_let_go_does_not_count_for_those_after_it(tenant):
    tenant.leave("a")
    tenant.plan("a", 1, 2, 3)
    tenant.release()
    tenant.send(1, 2, 3)
    tenant.leave("b")
    tenant.plan("b", 11, 12)
    assert tenant.actable() == [11, 12]
    tenant.plan("b", 13)
    assert tenant.actable() == []


def test_what_is_sent_for_those_after_it_uses_up_no_wave(tenant):
    tenant.leave("a")
    tenant.plan("a", 1, 2, 3)
    tenant.release()
    tenant.leave("b")
    tenant.plan("b", 11, 12)
    tenant.send(11, 12)
    assert tenant.actable() == [1, 2, 3]


def test_what_did_not_leave_after_all_uses_up_no_wave(tenant):
    tenant.leave("a")
    tenant.plan("a", 1, 2, 3)
    tenant.release()
    tenant.send(1, state="ready")
    assert tenant.actable() == [1, 2, 3]


def test_while_others_are_held_the_waves_go_on(tenant):
    tenant.leave("a")
    tenant.plan("a", 1, 2, 3)
    tenant.release()
    tenant.leave("b")
    tenant.plan("b", 11, 12, 13)
    assert tenant.actable() == [1, 2, 3]
    tenant.send(1)
    assert tenant.actable() == []
    tenant.clock.advance(minutes=10)
    assert tenant.actable() == [2, 3]


# --- Wipes ---


@pytest.fixture
def many_devices(tenant):
    """Only the limits of wipes count."""
    tenant.devices = 10_000
    tenant.leave("a")
    return tenant


def test_wipes_of_a_day_have_a_limit_of_their_own(many_devices):
    tenant = many_devices
    tenant.plan("a", 1, 2, kind="wipe")
    tenant.plan("a", 11, 12, 13)
    tenant.send(1, 2)
    tenant.clock.advance(hours=23, minutes=59)
    tenant.plan("a", 3, kind="wipe")
    assert tenant.actable() == [3, 11, 12, 13]
    tenant.plan("a", 4, kind="wipe")
    assert tenant.why() == "4 wipes are ready or were sent in the last day; the guard allows 3"
    assert tenant.actable() == []


def test_a_day_later_there_is_room_for_wipes_again(many_devices):
    tenant = many_devices
    tenant.plan("a", 1, 2, 3, kind="wipe")
    tenant.send(1, 2, 3)
    tenant.clock.advance(hours=24)
    tenant.plan("a", 4, kind="wipe")
    assert tenant.actable() == [4]


def test_wipes_that_were_let_go_do_not_count_for_those_after_them(many_devices):
    tenant = many_devices
    tenant.plan("a", 1, 2, 3, kind="wipe")
    tenant.release()
    tenant.send(1, 2, 3)
    tenant.leave("b")
    tenant.plan("b", 11, 12, 13, kind="wipe")
    assert tenant.actable() == [11, 12, 13]
    tenant.plan("b", 14, kind="wipe")
    assert tenant.actable() == []


def test_no_release_lets_more_wipes_go_than_there_ever_may_be(many_devices):
    tenant = many_devices
    tenant.standing = replace(tenant.standing, wipes_at_most=5)
    tenant.plan("a", *range(1, 8), kind="wipe")
    tenant.plan("a", 11)
    tenant.release()
    tenant.send(1, 2, 3, 4)
    tenant.clock.advance(minutes=10)
    assert 5 in tenant.actable()
    tenant.send(5)
    tenant.clock.advance(minutes=10)
    assert tenant.actable() == [11]
    assert tenant.why() == ("5 wipes were sent in the last 24 hours; more than 5 are never sent, whoever releases them")
    tenant.clock.advance(hours=24)
    assert tenant.actable() == [6, 7, 11]


# --- What it costs, and what it tells ---


def test_without_an_open_case_one_statement_is_asked(tenant, engine):
    tenant.leave("a")
    tenant.close("a", state="done")
    assert len(asked(tenant, engine)) == 1


@pytest.mark.parametrize("held", [False, True])
def test_no_look_reads_through_all_cases_there_ever_were(tenant, engine, held):
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what the tables hold")
    tenant.leave(*("abcd" if held else "a"))
    tenant.release()
    tenant.leave(*("efgh" if held else "e"))
    tenant.plan("a", 1)
    statements = asked(tenant, engine)
    assert len(statements) >= 5
    for sql, values in statements:
        steps_of_plan = tenant.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(values)).all()
        assert not [step for *_, step in steps_of_plan if step.endswith("_cases_opened (tenant=?)")], sql
        assert not [step for *_, step in steps_of_plan if step.startswith("SCAN offboarding_") and "holds" not in step]


def asked(tenant, engine):
    """The statements of one look."""
    found = []

    def note(_connection, _cursor, sql, values, *_rest):
        found.append((sql, values))

    event.listen(engine, "before_cursor_execute", note)
    tenant.ask()
    event.remove(engine, "before_cursor_execute", note)
    return [(sql, values) for sql, values in found if sql.startswith("SELECT")]


def test_everybody_is_counted_only_where_a_number_is_passed(tenant):
    tenant.leave("a", "b", "c")
    tenant.plan("a", 1, 2)
    tenant.ask()
    assert tenant.counted == []
    tenant.plan("a", 3)
    tenant.ask()
    assert tenant.counted[0] == "devices"


def would_hold(tenant):
    return holds.would_hold(tenant.connection, tenant.standing, tenant.clock())


def test_what_would_be_held_is_told_as_it_will_be(tenant):
    assert would_hold(tenant) is None
    tenant.leave("a", "b", "c", "d")
    hold = would_hold(tenant)
    assert (hold.since, hold.reason) == (tenant.clock(), tenant.ask().reason)
    tenant.clock.advance(hours=1)
    assert would_hold(tenant) == hold


def test_would_hold_writes_nothing(tenant):
    tenant.leave("a", "b", "c", "d")
    assert would_hold(tenant)
    assert tenant.row() is None


def test_a_batch_is_counted_by_cases_steps_and_devices(tenant):
    tenant.leave("a", "b", "c", "d")
    tenant.lock("a")
    tenant.plan("a", 1, 2)
    tenant.plan("b", 3, kind="wipe")
    tenant.plan("c", 4, state="planned")
    everything = Batch(4, 3, 4, (("disenroll", 2), ("wipe", 1)))
    assert holds.held_batch(tenant.connection, "acme") == holds.batch(tenant.connection, "acme") == everything
    tenant.release()
    tenant.leave("e")
    assert holds.held_batch(tenant.connection, "acme") == Batch(1, 1, 1, ())
    assert holds.tenants_with_cases(tenant.connection) == ("acme",)


def test_a_hold_is_logged_once_and_names_nobody(tenant):
    tenant.leave("ada", "b", "c", "d")
    with capture_logs() as logs:
        tenant.ask()
        tenant.ask()
    (entry,) = logs
    assert (entry["event"], entry["log_level"], entry["tenant"]) == ("offboarding.held", "warning", "acme")
    assert "ada" not in str(entry)
