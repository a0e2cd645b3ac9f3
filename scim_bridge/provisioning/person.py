"""What is so about one person: the account and each placement, wished and observed, the devices, what is left of an
offboarding, and what is wrong, by the field's codes with the remedy in words (design, diagnostics). Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from scim_bridge.directory import memberships
from scim_bridge.directory.model import User
from scim_bridge.offboarding.tables import steps
from scim_bridge.provisioning import explanation
from scim_bridge.provisioning.mapping import Profile
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.provisioning.protection import is_marked
from scim_bridge.provisioning.tables import (
    accounts,
    hexnode_groups,
    placements,
    seen_devices,
    withdrawal_holds,
)

# A device that has said nothing for so long has not told whether it got what the group brings.
SILENT_FOR = timedelta(hours=24)
# Steps that Hexnode refused are at their end, but somebody has to look.
_ENDED = ("accepted", "confirmed", "cancelled")


@dataclass(frozen=True)
class Account:
    """The user at Hexnode: whether one is wished for, which it is, and how the two sides look. `link` says it in
    words."""

    wished: bool
    hexnode_id: int | None
    link: str
    desired: Profile
    observed: Profile | None
    trouble: str | None


@dataclass(frozen=True)
class Placement:
    """One Hexnode group: `state` is placed, on its way, waiting, being withdrawn, refused or left alone, and
    `why` what for."""

    group: str
    state: str
    why: str | None
    since: datetime


@dataclass(frozen=True)
class Device:
    """A device of theirs, as the last survey saw it."""

    hexnode_id: int
    name: str
    serial: str | None
    platform: str | None
    last_reported: datetime | None


@dataclass(frozen=True)
class Step:
    """An offboarding step that is not over, or that was refused."""

    kind: str
    state: str
    note: str | None


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong or in the way: the field's code, what it is about, and the remedy."""

    code: str
    about: str
    remedy: str


@dataclass(frozen=True)
class Person:
    """All of it."""

    user: User
    groups: tuple[str, ...]
    account: Account | None
    placements: tuple[Placement, ...]
    devices: tuple[Device, ...]
    steps: tuple[Step, ...]
    diagnoses: tuple[Diagnosis, ...]


def of(connection: Connection, policy: TenantPolicy, user: User, now: datetime) -> Person:
    """What is so about this person at `now`."""
    row = connection.execute(
        select(accounts).where(accounts.c.tenant == policy.name, accounts.c.user_id == user.id)
    ).one_or_none()
    account = _account(row) if row else None
    placed = _placements(connection, policy, user, linked=account is not None and account.hexnode_id is not None)
    devices = _devices(connection, row.portal, row.hexnode_id) if row and row.hexnode_id else ()
    groups = memberships.groups_of(connection, policy.name, [user.id])[user.id]
    diagnoses = (*_of_account(account), *_of_rules(policy, user), *_of_devices(placed, devices, now))
    names = tuple(sorted(name for _, name in groups))
    return Person(user, names, account, placed, devices, _steps(connection, policy, user), diagnoses)


def _account(row: Any) -> Account:
    observed = Profile(row.observed_name or "unknown", row.observed_email, row.observed_phone)
    return Account(
        wished=row.desired_present,
        hexnode_id=row.hexnode_id,
        link=_link(row),
        desired=Profile(row.desired_name, row.desired_email, row.desired_phone),
        observed=observed if row.hexnode_id is not None else None,
        trouble=row.trouble,
    )


def _link(row: Any) -> str:
    if row.hexnode_id is None:
        if row.create_sent_at is not None and row.trouble is None:
            return "its creation was sent and the outcome is not known: looked up before it is sent again"
        return "none yet" if row.desired_present else "none"
    if row.observed_domain == "local":
        return f"Hexnode user {row.hexnode_id}, kept in step"
    return (
        f"Hexnode user {row.hexnode_id}, managed by the directory {row.observed_domain}: placed and locked, not edited"
    )


def _placements(connection: Connection, policy: TenantPolicy, user: User, *, linked: bool) -> tuple[Placement, ...]:
    same_group = (hexnode_groups.c.tenant == placements.c.tenant) & (hexnode_groups.c.key == placements.c.key)
    columns = (hexnode_groups.c.desired_groupname, hexnode_groups.c.hexnode_id, hexnode_groups.c.trouble)
    query = select(placements, *(column.label(f"group_{column.name}") for column in columns))
    mine = (placements.c.tenant == policy.name, placements.c.user_id == user.id)
    held = connection.execute(
        select(withdrawal_holds.c.reason).where(
            withdrawal_holds.c.tenant == policy.name, withdrawal_holds.c.held_since.is_not(None)
        )
    ).scalar_one_or_none()
    rows = connection.execute(query.join(hexnode_groups, same_group).where(*mine)).all()
    told = [
        Placement(row.group_desired_groupname, *_state(row, linked=linked, held=held), row.since)
        for row in rows
        if row.desired or row.observed is not False
    ]
    return tuple(sorted(told, key=lambda placement: placement.group))


def _state(row: Any, *, linked: bool, held: str | None) -> tuple[str, str | None]:
    """State and reason of a placement that is wished for or may be there."""
    if row.trouble is not None:
        return "left alone" if is_marked(row.trouble) else "refused", row.trouble
    if not row.desired:
        return ("waiting", f"the withdrawal is held for a person: {held}") if held else ("being withdrawn", None)
    if row.observed:
        return "placed", None
    if not linked:
        return "waiting", "for the account"
    if row.group_hexnode_id is None:
        return "waiting", f"for the group: {row.group_trouble}" if row.group_trouble else "for the group to be made"
    return "on its way", None if row.observed is False else "the outcome of the last try is not known"


def _devices(connection: Connection, portal: str, owner_id: int) -> tuple[Device, ...]:
    columns = (
        seen_devices.c.hexnode_id, seen_devices.c.name, seen_devices.c.serial, seen_devices.c.platform,
        seen_devices.c.last_reported,
    )  # fmt: skip
    mine = (seen_devices.c.portal == portal, seen_devices.c.owner_id == owner_id)
    rows = connection.execute(select(*columns).where(*mine).order_by(seen_devices.c.hexnode_id))
    return tuple(Device(*row) for row in rows)


def _steps(connection: Connection, policy: TenantPolicy, user: User) -> tuple[Step, ...]:
    mine = (steps.c.tenant == policy.name, steps.c.user_id == user.id, steps.c.state.not_in(_ENDED))
    query = select(steps.c.kind, steps.c.state, steps.c.note).where(*mine)
    return tuple(Step(*row) for row in connection.execute(query.order_by(steps.c.due_at, steps.c.position)))


def _of_account(account: Account | None) -> Iterator[Diagnosis]:
    if account is not None and account.trouble is not None:
        code, colon, remedy = account.trouble.partition(": ")
        known = bool(colon) and code.replace("_", "").isupper()
        yield Diagnosis(code if known else "REFUSED", "account", remedy if known else account.trouble)


def _of_rules(policy: TenantPolicy, user: User) -> Iterator[Diagnosis]:
    for ruling in explanation.rulings(policy, user):
        if not ruling.fits:
            false = "; ".join(clause.text for clause in ruling.clauses if not clause.holds)
            remedy = f"does not fit: {false}. Correct the person in the IdP or the rule in the policy, if it should."
            yield Diagnosis("GROUP_RULE_FAIL", f"rule {ruling.rule}", remedy)


def _of_devices(placed: tuple[Placement, ...], devices: tuple[Device, ...], now: datetime) -> Iterator[Diagnosis]:
    """A device that has not reported since the person was placed may not have what the group brings."""
    latest = max((placement.since for placement in placed if placement.state == "placed"), default=None)
    for device in devices:
        said = device.last_reported
        if latest is None:
            continue
        if said is None or said < latest or said < now - SILENT_FOR:
            when = f"has not reported since {said:%Y-%m-%d %H:%M} UTC" if said else "has never reported"
            remedy = f"placed, but the device {when}: scan the device in Hexnode's console or tell it to sync."
            yield Diagnosis("PAYLOAD_LATENCY", f"device {device.name}", remedy)
