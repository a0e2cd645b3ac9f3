"""What the start and the end of a call of offboarding mean for its rows. What was read is judged by
`offboarding.evidence`; what follows for the case, `cases.advance` decides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from scim_bridge.delivery.calls import (
    AboutDevice,
    ActOnDevice,
    Call,
    DeleteUser,
    Offboard,
    Probe,
    ReadActionRows,
    ReadDevice,
    TellDevices,
)
from scim_bridge.delivery.planning import candidate_of
from scim_bridge.delivery.sending_offboarding import OffboardReply
from scim_bridge.hexnode.errors import Rejected
from scim_bridge.hexnode.types import Device
from scim_bridge.offboarding import cases, device_actions, evidence, pins, steps
from scim_bridge.offboarding.turns import READY, DeviceAction, Sight
from scim_bridge.provisioning import vanished
from scim_bridge.provisioning.policy import PortalPolicy

NO_PATH: Final = 'The portal has no action "{}": correct the word under [portals.NAME.paths] and retry.'

# A deletion that was held back meanwhile: somebody may have given the user a device since the list was read.
LIST_IS_FRESH: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Sender:
    """Who sends: for which portal, and with which keys PINs are sealed."""

    portal: PortalPolicy
    keys: tuple[str, ...] = ()


def sending(connection: Connection, sender: Sender, call: Offboard, now: datetime) -> Call | None:
    """Before the socket opens: note on the rows what is under way. Gives the call as it is to be sent, None when
    nothing may be sent after all."""
    match call:
        case TellDevices():
            for step in call.steps:
                steps.sending(connection, step, now)
            needs_pin = call.owns_mac and call.kind == "lock" and sender.keys
            return replace(call, pin=pins.of_step(connection, call.steps[0], sender.keys)) if needs_pin else call
        case DeleteUser(step=step) if step.due_at < now - LIST_IS_FRESH:
            steps.mark(connection, step, "ready", None, now, due_at=None)
            return None
        case DeleteUser(step=step):
            steps.sending(connection, step, now)
        case ActOnDevice(action=action):
            sent = device_actions.sending(connection, action, now)
            cases.advance(connection, action.tenant, action.case_id, now)
            return ActOnDevice(sent) if sent else None
    return call


def not_sent(connection: Connection, call: Offboard, now: datetime) -> None:
    """The call surely had no effect (unreachable, throttled, key refused): its rows wait as before."""
    _hold(connection, call)
    match call:
        case TellDevices():
            for step in call.steps:
                steps.send_again(connection, step, now, alone=step.alone)
        case DeleteUser(step=step):
            steps.send_again(connection, step, now, alone=step.alone)
        case ActOnDevice(action=action):
            device_actions.not_sent(connection, action, now, now)
            cases.advance(connection, action.tenant, action.case_id, now)


def accepted(connection: Connection, sender: Sender, call: Offboard, reply: OffboardReply, now: datetime) -> None:
    """Hexnode took the call, or showed what was asked for."""
    _hold(connection, call)
    match call, reply:
        case TellDevices(), _:
            for step in call.steps:
                steps.mark(connection, step, "accepted", None, now)
        case DeleteUser(step=step), _:
            vanished.user_is_gone(connection, sender.portal.name, call.hexnode_id, now)
            steps.mark(connection, step, "confirmed", None, now)
        case ReadDevice(action=action), Device():
            _sighted(connection, action, Sight(candidate_of(reply, sender.portal.paths)), now)
        case ReadDevice(action=action), _:
            _sighted(connection, action, Sight(), now)
        case ReadActionRows(action=action), _:
            rows = reply if isinstance(reply, Sequence) else None
            _rows_read(connection, sender.portal, action, rows, now)
        case Probe(action=action, word=word), False:
            device_actions.refused(connection, action, NO_PATH.format(word), now)
        case ActOnDevice(action=action), _:
            device_actions.accepted(connection, action, now)
    _advance(connection, call, now)


def refused(connection: Connection, sender: Sender, call: Offboard, error: Rejected, now: datetime) -> None:
    """Hexnode said no: a call for several is sent again for each alone, a call for one stops in front of a person."""
    trouble = f"Hexnode refused: {error.detail}"
    _hold(connection, call)
    match call:
        case TellDevices() if len(call.steps) > 1:
            for step in call.steps:
                steps.send_again(connection, step, now, alone=True)
        case TellDevices():
            steps.mark(connection, call.steps[0], "refused", trouble, now)
        case DeleteUser(step=step):
            steps.mark(connection, step, "refused", trouble, now)
        case ReadDevice(action=action):
            _sighted(connection, action, Sight(gone=error.status == 404), now)
        case ReadActionRows(action=action):
            _rows_read(connection, sender.portal, action, None, now)
        case ActOnDevice(action=action) | Probe(action=action):
            device_actions.refused(connection, action, trouble, now)
    _advance(connection, call, now)


def in_doubt(connection: Connection, kind: str, subject: dict[str, Any], now: datetime) -> None:
    """Nobody knows whether the call took effect. Readings change nothing, so of them nothing is in doubt."""
    match kind:
        case "LockDevices" | "TellDevices" | "DeleteUser":
            steps.doubt(connection, subject["tenant"], subject.get("step", "lock"), subject["user_ids"], now)
        case "ActOnDevice":
            device_actions.doubt_sending(connection, [subject["tenant"]], now)
            cases.advance(connection, subject["tenant"], subject["case"], now)


def _hold(connection: Connection, call: Offboard) -> None:
    match call:
        case TellDevices():
            cases.hold(connection, call.steps[0].tenant, [step.case_id for step in call.steps])
        case DeleteUser(step=step):
            cases.hold(connection, step.tenant, [step.case_id])
        case _:
            cases.hold(connection, call.action.tenant, [call.action.case_id])


def _sighted(connection: Connection, action: DeviceAction, sight: Sight, now: datetime) -> None:
    if action.state != READY:
        proof = evidence.proof_by_device(action, sight)
        if proof:
            device_actions.looked(connection, action, proof, now)
        else:
            device_actions.seen(connection, action, sight, now)
    elif moot := evidence.why_moot(action, sight):
        device_actions.cancel(connection, action, moot, now)
    elif differs := evidence.why_not_same(action.device, sight):
        device_actions.refused(connection, action, differs, now)
    else:
        device_actions.checked(connection, action, now)


def _rows_read(
    connection: Connection, portal: PortalPolicy, action: DeviceAction, rows: Sequence[Any] | None, now: datetime
) -> None:
    words = portal.action_status
    if action.state == READY:
        device_actions.rows_read(connection, action, evidence.newest_of(rows, words), now)
    else:
        verdict = evidence.judge(action, action.sight, rows, words, now)
        device_actions.looked(connection, action, verdict, now)


def _advance(connection: Connection, call: Offboard, now: datetime) -> None:
    if isinstance(call, AboutDevice):
        cases.advance(connection, call.action.tenant, call.action.case_id, now)
