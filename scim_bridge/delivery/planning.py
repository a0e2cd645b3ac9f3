"""Plans the devices of cases, from a list of devices that began after they were wanted, and looks whether a user may be
deleted. Between what surveys have shown and `offboarding.plans`, which decides."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, select

from scim_bridge.db.expressions import in_list
from scim_bridge.db.prepared import Prepared
from scim_bridge.delivery.surveys import Survey
from scim_bridge.hexnode.types import Device
from scim_bridge.offboarding import cases, device_actions, steps
from scim_bridge.offboarding.plans import (
    Candidate,
    PlannedAction,
    PlannedCase,
    PlanStep,
    Rules,
    digest,
    is_enrolled,
    one_spelling,
    ownership_word,
    plan_for,
)
from scim_bridge.offboarding.recipe import APPROVE, DELETE_USER, DEVICE_KINDS, REASSIGN
from scim_bridge.offboarding.steps import Step
from scim_bridge.offboarding.tables import cases as case_rows
from scim_bridge.offboarding.tables import device_actions as action_rows
from scim_bridge.offboarding.tables import sendable, unplanned_case
from scim_bridge.offboarding.tables import steps as step_rows
from scim_bridge.offboarding.turns import ACCEPTED, CONFIRMED, IN_DOUBT, SENDING
from scim_bridge.provisioning import seen
from scim_bridge.provisioning.policy import Paths, PortalPolicy, TenantPolicy
from scim_bridge.provisioning.tables import accounts, seen_devices

NOBODY: Final = "Hexnode has no user with this person's address, so there is nothing to do."
NOT_LOCAL: Final = "The Hexnode user is managed by a directory: delete the person there (hexnode-api.md 7.5)."
# What was, or may have been, carried out.
_DONE: Final = (SENDING, ACCEPTED, IN_DOUBT, CONFIRMED)


@dataclass(frozen=True)
class _Account:
    """The Hexnode user of a person, if there is one."""

    hexnode_id: int | None = None
    observed_domain: str | None = None
    trouble: str | None = None

    @property
    def ambiguous(self) -> str | None:
        """Why it is not known which Hexnode user the person is: only a person can say."""
        return self.trouble if self.trouble and self.trouble.startswith("AMBIGUOUS") else None


_UNPLANNED: Final = Prepared(
    select(case_rows.c.tenant, case_rows.c.id, case_rows.c.user_id, case_rows.c.plan_wanted_at)
    .where(in_list(case_rows.c.tenant, "tenants"), unplanned_case, case_rows.c.plan_wanted_at <= bindparam("covered"))
    .order_by(case_rows.c.plan_wanted_at)
)
_UNDELETED: Final = Prepared(
    select(step_rows.c.changed_at, *steps.STEP_COLUMNS)
    .where(
        in_list(step_rows.c.tenant, "tenants"),
        sendable,
        step_rows.c.kind == "delete_user",
        step_rows.c.due_at.is_(None),
        step_rows.c.changed_at <= bindparam("covered", type_=step_rows.c.changed_at.type),
    )
    .order_by(step_rows.c.tenant, step_rows.c.case_id)
)


def plan_devices(
    connection: Connection,
    portal: PortalPolicy,
    tenants: Mapping[str, TenantPolicy],
    surveys: Mapping[str, Survey],
    now: datetime,
) -> None:
    """Plan the cases whose devices a whole survey has shown since; the users to be deleted too. Of a person who is not
    linked there is nothing to plan, once the users have been read as well, in a list that is believed."""
    covered = surveys["devices"].whole_began_at
    if covered is None or surveys["devices"].doubt:
        return
    asked = {"tenants": tuple(tenants), "covered": covered}
    for case in _UNPLANNED.rows(connection, asked):
        account = _account(connection, case.tenant, case.user_id)
        is_known = account.hexnode_id is not None or _has_shown_all(surveys["users"], case.plan_wanted_at)
        # Who has come back at this very moment has no case any more.
        if is_known and cases.hold_open(connection, case.tenant, case.id):
            _plan(connection, portal, tenants[case.tenant], (case, account), now)
    for since, *row in _UNDELETED.rows(connection, asked):
        step = Step(*row)
        account = _account(connection, step.tenant, step.user_id)
        if account.hexnode_id is not None or _has_shown_all(surveys["users"], since):
            _look_before_delete(connection, portal, (step, account), surveys["devices"].whole_ended_at, now)


def candidate_of(device: Device, paths: Paths) -> Candidate:
    """A device as a fresh reading showed it, in the words of a plan."""
    ownership = ownership_word(device.ownership, paths.corporate_words, paths.personal_words)
    return Candidate(
        device.id, device.owner_id, device.serial, device.enrolled_time, device.name, device.platform, ownership,
        device.last_reported, is_enrolled(device.enrollment_status),
    )  # fmt: skip


def _has_shown_all(users: Survey, moment: datetime) -> bool:
    return users.covers(moment) and not users.doubt


def _plan(
    connection: Connection, portal: PortalPolicy, tenant: TenantPolicy, whose: tuple[Any, _Account], now: datetime
) -> None:
    case, account = whose
    hexnode_id = account.hexnode_id
    if hexnode_id is None and account.ambiguous:
        _ask_who(connection, case, account.ambiguous, now)
    waiting = _steps(connection, portal, case)
    devices = [] if hexnode_id is None else _devices(connection, portal, hexnode_id)
    shared = _shared_serials(connection, portal.name, [device.serial for device in devices if device.serial])
    most, options = tenant.guard.devices_per_person, portal.paths.wipe_options
    deletes = _unbegun(connection, case, (DELETE_USER,))
    plan = plan_for(waiting, devices, Rules(hexnode_id or 0, tenant.protects_device, most, shared, options))
    planned = PlannedCase(case.tenant, case.id, portal.name, case.user_id)
    actions = _not_done_yet(connection, case, plan.actions)
    device_actions.plan(connection, planned, actions, now)
    if plan.sentence and not _is_approved_first(connection, case):
        cases.ask_first(connection, case.tenant, case.id, plan.sentence, now)
    cases.planned(connection, case.tenant, case.id, digest(actions, [*waiting, *map(_plan_step, deletes)]), now)


def _ask_who(connection: Connection, case: Any, why: str, now: datetime) -> None:
    """Several Hexnode users could be this person: none of them is acted on, and nobody is told that there is none."""
    for row in _unbegun(connection, case, DEVICE_KINDS):
        steps.mark(connection, _step(row), "refused", why, now)


def _not_done_yet(connection: Connection, case: Any, actions: Sequence[PlannedAction]) -> list[PlannedAction]:
    """Without what this case did to the same enrolment before a stronger trigger extended it."""
    known = device_actions.of_case(connection, case.tenant, case.id)
    done = {(each.kind, each.device_id, each.enrolled_time) for each in known if each.state in _DONE}
    return [each for each in actions if (each.kind, each.device.device_id, each.device.enrolled_time) not in done]


def _steps(connection: Connection, portal: PortalPolicy, case: Any) -> list[PlanStep]:
    rows = _unbegun(connection, case, DEVICE_KINDS)
    return [PlanStep(row.position, cases.instruction_of(row), _heir(connection, portal.name, row)) for row in rows]


def _unbegun(connection: Connection, case: Any, kinds: Sequence[str]) -> Sequence[Row[Any]]:
    about = (cases.of_case(case.tenant, case.id), step_rows.c.kind.in_(kinds), step_rows.c.state == "planned")
    return connection.execute(select(step_rows).where(*about).order_by(step_rows.c.position)).all()


def _step(row: Row[Any]) -> Step:
    return Step(**{name: getattr(row, name) for name in Step.__dataclass_fields__})


def _plan_step(row: Row[Any]) -> PlanStep:
    return PlanStep(row.position, cases.instruction_of(row))


def _heir(connection: Connection, portal: str, row: Row[Any]) -> int | None:
    """The Hexnode user who gets the devices; None when nobody certain is seen there."""
    if row.kind != REASSIGN:
        return None
    if row.argument.isdecimal():
        return int(row.argument)
    found = seen.users_with(connection, portal, row.argument)
    return found[0].hexnode_id if len(found) == 1 else None


def _devices(connection: Connection, portal: PortalPolicy, owner_id: int) -> list[Candidate]:
    mine = (seen_devices.c.portal == portal.name, seen_devices.c.owner_id == owner_id)
    rows = connection.execute(select(seen_devices).where(*mine).order_by(seen_devices.c.hexnode_id))
    return [candidate_of(_seen(row), portal.paths) for row in rows]


def _seen(row: Row[Any]) -> Device:
    return Device(
        row.hexnode_id, row.name, row.owner_id, row.serial, row.enrolled_time, row.enrollment_status, row.udid,
        row.platform, row.last_reported, row.compliant, ownership=row.ownership,
    )  # fmt: skip


def _shared_serials(connection: Connection, portal: str, serials: Sequence[str]) -> frozenset[str]:
    """Those of these serial numbers that several devices of the portal show which are not known to be gone."""
    mine = (seen_devices.c.portal == portal, func.lower(seen_devices.c.serial).in_([each.lower() for each in serials]))
    rows = connection.execute(select(seen_devices.c.serial, seen_devices.c.enrollment_status).where(*mine))
    counted = Counter(serial for serial, status in rows if is_enrolled(status) is not False)
    folds = Counter(serial.lower() for serial in counted.elements())
    return frozenset(serial for serial in counted if folds[serial.lower()] > 1)


def _is_approved_first(connection: Connection, case: Any) -> bool:
    """Whether an approval that is still to be given stands before the first step about devices."""
    waiting = (cases.of_case(case.tenant, case.id), step_rows.c.state.in_(("planned", "awaiting_approval")))
    kinds = connection.execute(select(step_rows.c.kind).where(*waiting).order_by(step_rows.c.position)).scalars()
    return next((kind == APPROVE for kind in kinds if kind == APPROVE or kind in DEVICE_KINDS), False)


def _look_before_delete(
    connection: Connection, portal: PortalPolicy, whom: tuple[Step, _Account], read_at: datetime | None, now: datetime
) -> None:
    """Deleting a user disenrolls the devices (hexnode-api.md 7.5), so none may be left that was not dealt with. It is
    due since the list was read to its end: after a long stop right then, it needs a new one."""
    step, account = whom
    if account.hexnode_id is None and account.ambiguous:
        steps.mark(connection, step, "refused", account.ambiguous, now)
    elif account.hexnode_id is None:
        steps.mark(connection, step, "confirmed", NOBODY, now)
    elif account.observed_domain != "local":
        steps.mark(connection, step, "refused", NOT_LOCAL, now)
    elif left := _left(connection, portal, step, account.hexnode_id):
        sentence = f"{left} devices still belong to this user, and deleting the user would disenroll them."
        steps.mark(connection, step, "refused", sentence, now)
    else:
        steps.mark(connection, step, "ready", None, now, due_at=read_at)


def _left(connection: Connection, portal: PortalPolicy, step: Step, owner_id: int) -> int:
    """Of a device that was wiped and enrolled again, only the enrolment that was wiped is dealt with."""
    devices = _devices(connection, portal, owner_id)
    proved = (action_rows.c.portal == portal.name, action_rows.c.state == "confirmed", action_rows.c.kind != REASSIGN)
    mine = (action_rows.c.tenant == step.tenant, action_rows.c.case_id == step.case_id)
    enrolments = select(action_rows.c.device_id, action_rows.c.enrolled_time).where(*proved, *mine)
    dealt_with = {tuple(row) for row in connection.execute(enrolments)}
    left = (device for device in devices if device.enrolled is not False)
    return sum((device.device_id, one_spelling(device.enrolled_time)) not in dealt_with for device in left)


def _account(connection: Connection, tenant: str, user_id: str) -> _Account:
    columns = select(accounts.c.hexnode_id, accounts.c.observed_domain, accounts.c.trouble)
    row = connection.execute(columns.where(accounts.c.tenant == tenant, accounts.c.user_id == user_id)).one_or_none()
    return _Account() if row is None else _Account(*row)
