"""`scim-bridge doctor`: whether the bridge is as it should be: its parts, what is open and what that waits for, what is
late, and what waits for nothing. Only reads."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import click
from sqlalchemy import Connection, Engine

from scim_bridge import bootstrap, config
from scim_bridge.cli import case_lines, checks
from scim_bridge.cli.checks import Check
from scim_bridge.clock import utc_now
from scim_bridge.config import Settings, SettingsError
from scim_bridge.db import migrate
from scim_bridge.db.engine import reading
from scim_bridge.delivery import journal
from scim_bridge.offboarding import doctor as examination
from scim_bridge.offboarding import overdue
from scim_bridge.offboarding import reading as views
from scim_bridge.offboarding.doctor import Limbo
from scim_bridge.offboarding.overdue import Late
from scim_bridge.offboarding.reading import CaseView, StepView, Wanted
from scim_bridge.offboarding.turns import DeviceAction
from scim_bridge.provisioning import policy_file
from scim_bridge.provisioning.policy import Policy

BROKEN = 1
LATE = 2
# More cases are not read by anybody; `offboarding list` has them.
SHOWN: Final = 200
# A lease lasts 45 s and a call 30 s (safety.md, timers): what is still "sending" then has lost its driver.
ANSWERED_WITHIN: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class Found:
    """Everything that was found."""

    checks: tuple[Check, ...]
    open: tuple[CaseView, ...] = ()
    late: tuple[Late, ...] = ()
    limbo: tuple[Limbo, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 when something is in limbo or broken, 2 when something is late, else 0."""
        if self.limbo or not all(check.fine for check in self.checks):
            return BROKEN
        return LATE if self.late else 0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Examine the bridge: its parts, what is open and what each step waits for.

    Exit code 0: all is well, 1: something is broken or waits for nothing, 2: something is overdue.
    """
    settings, now = config.read(), utc_now()
    engine = bootstrap.database(old=True)
    found = _examined(engine, settings, now)
    if as_json:
        click.echo(json.dumps(_document(found, now), indent=2, ensure_ascii=False))
    else:
        for line in _lines(found, now):
            click.echo(line)
    raise SystemExit(found.exit_code)


def _examined(engine: Engine, settings: Settings, now: datetime) -> Found:
    """A database of another version is looked into no further, and without a policy nobody knows its tenants."""
    if not migrate.is_current(engine):
        return Found((checks.DATABASE_OTHER,))
    try:
        policy = policy_file.load(settings)
    except SettingsError as error:
        return Found((checks.DATABASE_FINE, checks.unloaded(error)))
    with reading(engine) as connection:
        names = tuple(policy.tenants)
        lost = tuple(_without_answer(connection, policy, now))
        return Found(
            checks=tuple(checks.all_of(connection, settings, policy, now)),
            open=views.listed(connection, Wanted(names, views.OPEN, limit=SHOWN)),
            late=tuple(overdue.late(connection, names, now)),
            limbo=(*examination.limbo(connection, names, now), *lost),
        )


def _without_answer(connection: Connection, policy: Policy, now: datetime) -> Iterator[Limbo]:
    """What is being sent although no call is: only an open call brings it on, by its answer or by being found again."""
    names = tuple(policy.tenants)
    for case in views.listed(connection, Wanted(names, views.SENDING, limit=SHOWN)):
        if journal.left_open(connection, policy.tenants[case.tenant].portal):
            continue
        parts: tuple[StepView | DeviceAction, ...] = (*case.steps, *case.actions)
        for part in parts:
            if part.state == "sending" and part.changed_at < now - ANSWERED_WITHIN:
                device_id = part.device_id if isinstance(part, DeviceAction) else None
                why = f"{part.kind} is being sent since {views.moment(part.changed_at)}, but no call is open"
                yield Limbo(case.tenant, case.id, part.position, device_id, why)


def _lines(found: Found, now: datetime) -> Iterator[str]:
    for check in found.checks:
        yield f"{'ok   ' if check.fine else 'WRONG'}  {check.name:20}  {check.told}"
    yield f"{len(found.open)} cases are open" + (" (the newest)" if len(found.open) == SHOWN else "")
    for case in found.open:
        yield from (f"  {line}" for line in case_lines.in_list(case, {}, now))
    for late in found.late:
        yield f"LATE   {case_lines.of_late(late, {})}"
    for limbo in found.limbo:
        yield f"LIMBO  {case_lines.of_limbo(limbo)}"


def _document(found: Found, now: datetime) -> dict[str, Any]:
    return {
        "checks": [asdict(check) for check in found.checks],
        "open": [case_lines.as_json(case, {}, now) for case in found.open],
        "late": case_lines.plain(found.late),
        "limbo": case_lines.plain(found.limbo),
        "exit_code": found.exit_code,
    }
