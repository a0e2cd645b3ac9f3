"""Offboarding cases as people read them: one line each in a list, everything of one case, what an approval lets go,
what is late. The same as JSON for programs. Prints nothing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from scim_bridge.offboarding import report
from scim_bridge.offboarding.decisions import acted_on
from scim_bridge.offboarding.doctor import SETTLED, Limbo, device_waits_for, waits_for
from scim_bridge.offboarding.overdue import Late
from scim_bridge.offboarding.reading import CaseView, StepView, moment
from scim_bridge.offboarding.report import CaseReport, printable
from scim_bridge.offboarding.turns import DeviceAction

NOTHING: Final = "NOTHING: see scim-bridge doctor"
# Enough of a serial number to tell a person's devices apart; the whole one stands in the report.
_TAIL: Final = 4

Names = Mapping[tuple[str, str], str]


def in_list(case: CaseView, names: Names, now: datetime) -> Iterator[str]:
    """A case and what its first open step waits for."""
    yield f"{case.id}  {case.opened_at:%Y-%m-%d %H:%M}  {name_of(case, names)}  ({case.trigger}, {case.state})"
    if case.is_open:
        left = [step for step in case.steps if not step.is_over]
        waiting = [f"{step.kind} waits for {_waits(step, case, now)}" for step in left if step.state != "planned"]
        yield f"    {printable('; '.join(waiting or [f'{step} is planned' for step in left[:1]]))}"


def of_case(case: CaseView, names: Names, now: datetime) -> Iterator[str]:
    """Everything about one case."""
    yield f"case {case.id}  {name_of(case, names)}  (tenant {case.tenant})"
    urgent = ", urgent" if case.urgent else ""
    yield f"  trigger    {case.trigger}{urgent}, asked for by {_asked_by(case)}"
    yield f"  reason     {printable(case.reason or 'none given')}"
    closed = f", closed {moment(case.closed_at)}" if case.closed_at else ""
    yield f"  state      {case.state}, opened {moment(case.opened_at)}{closed}"
    if any(step.state == "awaiting_approval" for step in case.steps):
        yield f"  plan       {case.digest[:12]}"
    for step in case.steps:
        yield from _of_step(step, case, now)
    for event in case.events:
        place = "" if event.position is None else f" at step {event.position}"
        device = "" if event.device_id is None else f", device {event.device_id}"
        why = f": {event.reason}" if event.reason else ""
        yield printable(
            f"  {event.at:%Y-%m-%d %H:%M:%S}  {event.what}{place}{device} by {event.who or 'the bridge'}{why}"
        )


def of_approval(case: CaseView, step: StepView, names: Names) -> Iterator[str]:
    """What a yes lets go: whose, which devices, and the steps that follow."""
    yield f"{name_of(case, names)}  (tenant {case.tenant}, plan {case.digest[:12]})"
    yield f"  asked for by {_asked_by(case)}: {printable(case.reason or 'no reason given')}"
    yield f"  then follow: {printable(', '.join(str(each) for each in case.after(step.position)))}"
    for action in acted_on(case, step):
        options = f", with {printable(json.dumps(action.options))}" if action.options else ""
        yield f"  {action.kind:9}  {_device(action)}, {action.ownership}, {_seen(action)}{options}"
    for action in case.actions:
        if action.state == "cancelled":
            yield printable(f"  {action.kind:9}  {_device(action)}: {action.note or 'left alone'}")


def of_late(found: Late, names: Names) -> str:
    """Something overdue."""
    device = f", device {found.device_id}" if found.device_id is not None else ""
    who = printable(names.get((found.tenant, found.user_id), f"user {found.user_id}"))
    state = found.state.replace("_", " ")
    return (
        f"{found.case_id}  {who}: step {found.position}{device}: {found.kind} {state}, late since {moment(found.since)}"
    )


def of_limbo(found: Limbo) -> str:
    """Something that waits for nothing."""
    step = f" step {found.position}" if found.position is not None else ""
    device = f", device {found.device_id}" if found.device_id is not None else ""
    return f"{found.case_id}{step}{device}: {found.why}"


def as_json(case: CaseView, names: Names, now: datetime) -> dict[str, Any]:
    """A case for programs, with what each open step and device waits for."""
    person = names.get((case.tenant, case.user_id))
    told: dict[str, Any] = report.as_json(CaseReport(case, person, (), now))["case"]
    for step, view in zip(told["steps"], case.steps, strict=True):
        step["waits_for"] = None if view.is_over or not case.is_open else _waits(view, case, now)
    for action, row in zip(told["actions"], case.actions, strict=True):
        action["waits_for"] = None if row.state in SETTLED else device_waits_for(row, case, now)
    return {"person": person, "digest": case.digest, **told}


def plain(found: Sequence[Late] | Sequence[Limbo]) -> list[dict[str, Any]]:
    """For programs; moments as ISO 8601 text."""
    return [
        {name: each.isoformat() if isinstance(each, datetime) else each for name, each in asdict(one).items()}
        for one in found
    ]


def name_of(case: CaseView, names: Names) -> str:
    """The userName, or the id of somebody who is not known any more."""
    return printable(names.get((case.tenant, case.user_id), f"user {case.user_id}"))


def _asked_by(case: CaseView) -> str:
    return printable(case.requested_by or "somebody not on record")


def _of_step(step: StepView, case: CaseView, now: datetime) -> Iterator[str]:
    waits = f", waits for {_waits(step, case, now)}" if case.is_open and not step.is_over else ""
    note = f" ({step.note})" if step.note and step.note not in waits else ""
    pin = ", locked with a PIN" if step.pin else ""
    yield printable(f"  {step.position:>4}  {step!s:22}  {step.state.replace('_', ' ')}{pin}{waits}{note}")
    for action in case.actions_of(step.position):
        note = f" ({action.note})" if action.note else ""
        yield f"        {_device(action)}, {action.ownership}: {action.state.replace('_', ' ')}{printable(note)}"


def _waits(step: StepView, case: CaseView, now: datetime) -> str:
    return waits_for(step, case.actions_of(step.position), case, now) or NOTHING


def _device(action: DeviceAction) -> str:
    tail = f"serial ...{action.serial[-_TAIL:]}" if action.serial else "serial not known"
    return printable(f"device {action.device_id} {action.name} ({action.platform or 'platform not known'}, {tail})")


def _seen(action: DeviceAction) -> str:
    return f"last seen {action.last_reported:%Y-%m-%d %H:%M} UTC" if action.last_reported else "never seen"
