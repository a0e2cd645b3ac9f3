"""Choosing part of what waits, for a person who wants only that sent: a lane, a group, a person. Pure.

Chosen before the order is made, so that what must be known before a create is still read first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scim_bridge.delivery.calls import Call, ChangeMembers, CreateGroup, CreateUser, EditGroup, EditUser
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.waiting import Told, Waiting
from scim_bridge.offboarding.turns import Turn
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey


@dataclass(frozen=True)
class Chosen:
    """What may be sent: one lane only, these groups only, these people only; None: whatever waits. `held` are tenants
    whose withdrawals the driver would hold, for a plan that is made before it did."""

    lane: Lane | None = None
    groups: frozenset[GroupKey] | None = None
    people: frozenset[AccountKey] | None = None
    held: frozenset[str] = frozenset()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self.lane is None and self.groups is None and self.people is None


EVERYTHING = Chosen()


def among(waiting: Waiting, chosen: Chosen) -> Waiting:
    """Of what waits only what is chosen. Surveys stay as they stand."""
    if chosen.is_everything:
        return waiting
    return replace(
        waiting,
        locks=_people(waiting.locks, chosen),
        others=_people(waiting.others, chosen),
        deletes=_people(waiting.deletes, chosen),
        turns=tuple(turn for turn in waiting.turns if _protects(chosen, _person_of(turn))),
        unfound_since=waiting.unfound_since if chosen.lane is Lane.PROTECT else None,
        devices_since=waiting.devices_since if chosen.lane is Lane.PROTECT else None,
        withdrawals=_changes(waiting.withdrawals, chosen),
        users=tuple(create for create in waiting.users if _fits(create.call, chosen)),
        groups=tuple(create for create in waiting.groups if _fits(create.call, chosen)),
        grants=_changes(waiting.grants, chosen),
        edits=tuple(edit for edit in waiting.edits if _fits(edit, chosen)),
    )


def may_be_read(call: Call, chosen: Chosen) -> bool:
    """A scheduled reading belongs to no person's choice but that of its lane."""
    return call.lane is not Lane.SURVEY or chosen.is_everything or chosen.lane is Lane.SURVEY


def _people(waiting: Sequence[Told], chosen: Chosen) -> tuple[Told, ...]:
    return tuple(told for told in waiting if _protects(chosen, AccountKey(told.step.tenant, told.step.user_id)))


def _person_of(turn: Turn) -> AccountKey:
    return AccountKey(turn.action.tenant, turn.action.user_id)


def _protects(chosen: Chosen, person: AccountKey) -> bool:
    fits_lane = chosen.lane in (None, Lane.PROTECT)
    return fits_lane and chosen.groups is None and (chosen.people is None or person in chosen.people)


def _changes(calls: Sequence[ChangeMembers], chosen: Chosen) -> tuple[ChangeMembers, ...]:
    of_people = tuple(_of_people(call, chosen) for call in calls)
    return tuple(call for call in of_people if call.size and _fits(call, chosen))


def _of_people(call: ChangeMembers, chosen: Chosen) -> ChangeMembers:
    """The part of a change that moves the chosen people."""
    if chosen.people is None:
        return call
    add, remove = (
        tuple(person for person in part if AccountKey(call.group.tenant, person.user_id) in chosen.people)
        for part in (call.add, call.remove)
    )
    return replace(call, add=add, remove=remove, foreign=())


def _fits(call: Call, chosen: Chosen) -> bool:
    if chosen.lane is not None and call.lane is not chosen.lane:
        return False
    match call:
        case CreateUser(account=account) | EditUser(account=account):
            return chosen.groups is None and (chosen.people is None or account in chosen.people)
        case CreateGroup(group=group) | EditGroup(group=group):
            return chosen.people is None and (chosen.groups is None or group in chosen.groups)
        case ChangeMembers(group=group):
            return chosen.groups is None or group in chosen.groups
        case _:
            return False
