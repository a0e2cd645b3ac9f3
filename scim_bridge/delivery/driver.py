"""The driver of one portal: holds its lease and makes its calls, one after the other. Thin: `choose` decides what,
`retry` decides when again, `outcomes` writes what it meant. One transaction before each send and one after it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from scim_bridge.db.engine import writing
from scim_bridge.delivery import (
    ageing,
    chosen,
    holds,
    journal,
    lease,
    outcomes,
    outcomes_offboarding,
    pending,
    permission,
    planning,
    settle,
    surveys,
    witness,
)
from scim_bridge.delivery.ageing import Queue
from scim_bridge.delivery.allowance import allowance
from scim_bridge.delivery.calls import ActOnDevice, Call, Offboard, Probe
from scim_bridge.delivery.choose import choose, in_order
from scim_bridge.delivery.chosen import EVERYTHING, Chosen
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.lease import Lease
from scim_bridge.delivery.outcomes_offboarding import Sender
from scim_bridge.delivery.pending import Scope
from scim_bridge.delivery.retry import outcome_of, pause_after
from scim_bridge.delivery.sending import send
from scim_bridge.delivery.sending_offboarding import path_of
from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.errors import HexnodeError, Rejected, Uncertain, WrongShape
from scim_bridge.offboarding import restored, stops
from scim_bridge.offboarding.holds import Permission
from scim_bridge.offboarding.stops import file_says_stop
from scim_bridge.provisioning.policy import Policy, PortalPolicy

log = structlog.get_logger()

# How soon a write of the web process is noticed; with it a leaver's lock leaves within a second.
LOOK_EVERY = timedelta(milliseconds=300)
DATABASE_AWAY = timedelta(seconds=2)
# How far a driver looks that sends only part of what waits: what is chosen need not be at the top.
LOOKS_PAST = 100_000


@dataclass(frozen=True)
class Drive:
    """What a driver works with. `holder` names this process among all that could drive the portal. `tenants` None are
    those that the policy enforces. `keys` seal the PINs of Macs; where `stop_file` is, nothing is sent; `witness_file`
    tells an older database that was put back."""

    engine: Engine
    policy: Policy
    portal: PortalPolicy
    client: Client
    clock: Callable[[], datetime]
    holder: str
    lease_life: timedelta
    tenants: tuple[str, ...] | None = None
    chosen: Chosen = EVERYTHING
    keys: tuple[str, ...] = ()
    stop_file: Path | None = None
    witness_file: Path | None = None


class Driver:
    """Drives one portal until told to stop."""

    def __init__(self, drive: Drive) -> None:
        self._drive = drive
        enforced = drive.policy.enforced(drive.portal.name)
        self._tenants = enforced if drive.tenants is None else drive.tenants
        self._sender = Sender(drive.portal, drive.keys)
        # Paths of actions that the portal was seen to have; asked once by each driver, for a portal may change.
        self._proved: set[str] = set()

    @property
    def portal(self) -> PortalPolicy:
        """Whom it calls."""
        return self._drive.portal

    @property
    def holder(self) -> str:
        """Who it is among all that could drive the portal."""
        return self._drive.holder

    def only(self, tenants: tuple[str, ...], chosen: Chosen) -> "Driver":
        """A driver for these tenants, whatever their mode, that sends nothing but what is chosen."""
        return Driver(replace(self._drive, tenants=tenants, chosen=chosen))

    def run(self, stop: Event) -> None:
        """Look and call until `stop` is set; then give the lease up. A database that is away is waited for."""
        while not stop.is_set():
            try:
                called = self.step()
            except SQLAlchemyError as error:
                log.warning("driver.database_away", portal=self._drive.portal.name, error=type(error).__name__)
                stop.wait(DATABASE_AWAY.total_seconds())
                continue
            if not called:
                stop.wait(LOOK_EVERY.total_seconds())
        self.release()

    def step(self) -> bool:
        """One look: makes at most one call. False when there was nothing to do, or not for us, or not now."""
        now = self._drive.clock()
        with writing(self._drive.engine) as connection:
            held = self._hold(connection, now)
            is_older = held is not None and self._is_older(connection)
            begun = self._next(connection, held, now) if held and not is_older else False
        if is_older:
            self._begin_anew(now)
            return False
        if held is None or isinstance(begun, bool):
            return bool(begun)
        witness.note(self._drive.witness_file, self._drive.portal.name, begun[0])
        self._send(*begun, held.failures, now)
        return True

    def _next(self, connection: Connection, held: Lease, now: datetime) -> tuple[int, Call] | bool:
        """The call that begins now, by its number in the journal; else whether to look again at once."""
        permitted = self._permitted(connection, now)
        chosen_call = self._choose(connection, permitted, now)
        if chosen_call is None:
            return False
        # Asked once more in the transaction that begins the call: many cases may have been opened meanwhile.
        if isinstance(chosen_call, Offboard) and self._permitted(connection, now) != permitted:
            return True
        call = self._begun(connection, chosen_call, now)
        if call is None:
            return True
        lease.extend(connection, self._drive.portal.name, now + self._drive.lease_life)
        number = journal.begin(connection, self._drive.portal.name, held.fence, call, now)
        holds.count(connection, self._drive.portal.name, number, call)
        return number, call

    def _begun(self, connection: Connection, call: Call, now: datetime) -> Call | None:
        """What is noted before the socket opens. None: its rows did not allow it any more."""
        if isinstance(call, Offboard):
            return outcomes_offboarding.sending(connection, self._sender, call, now)
        outcomes.sending(connection, call, now)
        return call

    def _hold(self, connection: Connection, now: datetime) -> Lease | None:
        """The lease, unless another process has it or the portal pauses."""
        portal = self._drive.portal.name
        held = lease.hold(connection, portal, self._drive.holder, now, self._drive.lease_life)
        if held is None:
            return None
        self._doubt_lost_calls(connection, now)
        if held.taken:
            log.info("driver.took_over", portal=portal, fence=held.fence)
        paused = held.paused_until is not None and held.paused_until > now
        return None if paused else held

    def _is_older(self, connection: Connection) -> bool:
        """Whether calls were made that the database does not know."""
        newest = journal.newest(connection)
        return witness.knows_more(self._drive.witness_file, self._drive.portal.name, newest)

    def _begin_anew(self, now: datetime) -> None:
        """By what an older database says nothing is destroyed. The witness forgets once that is committed."""
        portal = self._drive.portal.name
        tenants = tuple(tenant.name for tenant in self._drive.policy.tenants_of(portal))
        with writing(self._drive.engine) as connection:
            restored.hold(connection, tenants, now)
            newest = journal.newest(connection)
        witness.note(self._drive.witness_file, portal, newest)

    def _doubt_lost_calls(self, connection: Connection, now: datetime) -> None:
        """Calls whose outcome was never written: nobody knows it."""
        for call in journal.left_open(connection, self._drive.portal.name):
            outcomes.in_doubt(connection, call.kind, call.subject, now)
            journal.complete(connection, call.id, "uncertain", "the outcome was not written", now)

    def _permitted(self, connection: Connection, now: datetime) -> dict[str, Permission]:
        """What each tenant may send now; those that are stopped send nothing."""
        tenants = self._unstopped(connection)
        settle.pass_time(connection, tenants, now)
        return permission.of(connection, self._drive.policy, tenants, now)

    def _choose(self, connection: Connection, permissions: dict[str, Permission], now: datetime) -> Call | None:
        portal, tenants = self._drive.portal, tuple(permissions)
        known = surveys.read(connection, portal.name)
        left = allowance(portal, journal.used(connection, portal.name, now), known["devices"].count)
        scope = Scope(portal.name, tenants, self._limit, now, permissions=permissions)
        if not left.permits(Lane.SURVEY):
            locks = chosen.among(pending.protecting(connection, scope, known), self._drive.chosen)
            return self._proven(choose(locks, portal.survey_every, left, now))
        settle.settle(connection, portal, tenants, known, now)
        of_tenants = {name: self._drive.policy.tenants[name] for name in tenants}
        planning.plan_devices(connection, portal, of_tenants, known, now)
        scope = replace(scope, held=holds.refresh(connection, self._drive.policy, tenants, now))
        waiting = chosen.among(pending.read(connection, scope, known), self._drive.chosen)
        calls = tuple(in_order(waiting, portal.survey_every, now))
        wanted = tuple(call for call in calls if chosen.may_be_read(call, self._drive.chosen))
        return self._proven(ageing.next_call(connection, Queue(portal, tenants, wanted, waiting), now))

    @property
    def _limit(self) -> int:
        return 1 if self._drive.chosen.is_everything else LOOKS_PAST

    def _unstopped(self, connection: Connection) -> tuple[str, ...]:
        """The tenants for which something may be sent: asked in the very transaction that begins the call."""
        if file_says_stop(self._drive.stop_file):
            return ()
        stopped = stops.stopped(connection, self._tenants)
        return tuple(tenant for tenant in self._tenants if tenant not in stopped)

    def _proven(self, call: Call | None) -> Call | None:
        """Before the first wipe or disenrolment: whether the portal has such a path (hexnode-api.md 9.9, 9.10)."""
        word = path_of(call, self._drive.portal) if isinstance(call, ActOnDevice) else ""
        if isinstance(call, ActOnDevice) and word and word not in self._proved:
            return Probe(call.action, word)
        return call

    def _send(self, number: int, call: Call, failures: int, sent_at: datetime) -> None:
        try:
            reply = send(self._drive.client, call, self._drive.portal, self._drive.policy.tenants)
        except HexnodeError as error:
            self._failed(number, call, error, failures)
            return
        if isinstance(call, Probe) and reply:
            self._proved.add(call.word)
        with writing(self._drive.engine) as connection:
            if journal.complete(connection, number, "ok", None, self._drive.clock()):
                self._accepted(connection, call, reply, sent_at)
                lease.run_freely(connection, self._drive.portal.name)

    def _accepted(self, connection: Connection, call: Call, reply: Any, sent_at: datetime) -> None:
        if isinstance(call, Offboard):
            outcomes_offboarding.accepted(connection, self._sender, call, reply, sent_at)
        else:
            outcomes.accepted(connection, self._drive.portal.name, call, reply, sent_at)

    def _failed(self, number: int, call: Call, error: HexnodeError, failures: int) -> None:
        now, portal = self._drive.clock(), self._drive.portal.name
        pause = pause_after(error, failures, now, random.random())  # noqa: S311 - spreads waits, guards nothing
        log.warning("hexnode.call_failed", portal=portal, call=type(call).__name__, outcome=outcome_of(error))
        with writing(self._drive.engine) as connection:
            if not journal.complete(connection, number, outcome_of(error), error.detail, now):
                return
            lease.note_error(connection, portal, error.detail, now)
            if pause:
                lease.pause(connection, portal, pause.until, pause.reason)
            self._note_failure(connection, call, error, now)

    def _note_failure(self, connection: Connection, call: Call, error: HexnodeError, now: datetime) -> None:
        match error:
            case Uncertain():
                outcomes.in_doubt(connection, type(call).__name__, call.subject, now)
            case Rejected() if isinstance(call, Offboard) and not isinstance(error, WrongShape):
                outcomes_offboarding.refused(connection, self._sender, call, error, now)
            case _ if isinstance(call, Offboard):
                outcomes_offboarding.not_sent(connection, call, now)
            case Rejected() if not isinstance(error, WrongShape):
                outcomes.refused(connection, call, error, now)
            case _:  # WrongShape: the client switched its form, and the same row goes once more
                outcomes.not_sent(connection, call)

    def release(self) -> None:
        """Give the lease up, so that another process need not wait for its end."""
        try:
            with writing(self._drive.engine) as connection:
                lease.release(connection, self._drive.portal.name, self._drive.holder)
        except SQLAlchemyError:
            log.warning("driver.lease_not_released", portal=self._drive.portal.name)
