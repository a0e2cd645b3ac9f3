"""Members of groups: what a reading of one group, and the replies to our own calls, say of who is in it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from scim_bridge.delivery import surveys
from scim_bridge.delivery.calls import ChangeMembers, ReadGroup
from scim_bridge.delivery.doubt import Reading, doubt_of
from scim_bridge.delivery.settle import GROUP_UNREADABLE
from scim_bridge.hexnode.errors import Rejected
from scim_bridge.provisioning import foreign_members, seen_members
from scim_bridge.provisioning import hexnode_groups as group_rows
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.seen_members import Known

NOT_TAKEN_OUT = "Hexnode took the call but did not take this user out."
_UNREADABLE = GROUP_UNREADABLE.split(":")[0]


def read(connection: Connection, call: ReadGroup, shown: Sequence[int] | None, now: datetime) -> None:
    """A reading of a group: whoever is not shown is not there, unless that is unbelievably many. `now` is when it was
    asked for; `shown` None: the answer did not say."""
    before = seen_members.known(connection, call.portal, call.hexnode_id)
    if shown is not None and _is_believed(connection, call, before, set(shown), now):
        seen_members.observe(connection, before, set(shown), now)
        seen_members.note(connection, (call.portal, call.hexnode_id), before, set(shown), now)
        seen_members.seen_anew(connection, call.portal, call.hexnode_id)
    _set_trouble(connection, call, None)
    _passed(connection, call, now)


def unreadable(connection: Connection, call: ReadGroup, error: Rejected, now: datetime) -> None:
    """Hexnode does not show the group: trouble of this group alone; the others are read."""
    refusal = f"{_UNREADABLE}: Hexnode refused to show the members of this group: {error.detail}"
    _set_trouble(connection, call, GROUP_UNREADABLE if error.status == 404 else refusal)
    _passed(connection, call, now)


def replied(connection: Connection, portal: str, group_id: int, shown: Sequence[int] | None, now: datetime) -> None:
    """A reply to a call of ours shows the members. Whether it shows all of them is not documented (hexnode-api.md 8.5),
    so it is taken for the whole only when it says of ours what is known; else the next reading decides."""
    before = seen_members.known(connection, portal, group_id) if shown is not None else None
    if shown is not None and before is not None and before.agrees_with(set(shown)):
        seen_members.note(connection, (portal, group_id), before, set(shown), now)


def foreign_withdrawn(connection: Connection, call: ChangeMembers, shown: Collection[int] | None) -> None:
    """The call was taken: its foreign members are gone, but for those whom the reply still shows."""
    if call.foreign:
        still = [member for member in call.foreign if shown is not None and member in shown]
        foreign_members.taken_out(connection, call.group, [each for each in call.foreign if each not in still])
        foreign_members.stop(connection, call.group, still, NOT_TAKEN_OUT)


def _is_believed(connection: Connection, call: ReadGroup, before: Known, shown: set[int], now: datetime) -> bool:
    kind = f"{surveys.MEMBERS} of {call.hexnode_id}"
    standing = surveys.one(connection, call.portal, kind)
    what = f"the list of members of {_named(connection, call)}"
    reading = Reading(what, now, len(before.everyone | shown), len(shown))
    doubt = doubt_of(reading, before.may_become(shown), surveys.doubt_in(standing))
    if doubt != surveys.doubt_in(standing):
        surveys.save(connection, call.portal, kind, **surveys.doubt_columns(doubt))
    return doubt is None


def _named(connection: Connection, call: ReadGroup) -> str:
    rows = seen_members.groups_of(connection, call.portal, call.hexnode_id)
    return next((f"{row.desired_groupname} (group {row.hexnode_id})" for row in rows), f"group {call.hexnode_id}")


def _set_trouble(connection: Connection, call: ReadGroup, trouble: str | None) -> None:
    """What else is wrong with a group stands until that is settled."""
    for row in seen_members.groups_of(connection, call.portal, call.hexnode_id):
        is_ours = row.trouble is None or row.trouble.startswith(_UNREADABLE)
        if is_ours and row.trouble != trouble:
            group_rows.set_row(connection, GroupKey(row.tenant, row.key), trouble=trouble)


def _passed(connection: Connection, call: ReadGroup, now: datetime) -> None:
    """This group has had its turn."""
    seen_members.asked(connection, call.portal, call.hexnode_id, now)
    pages = seen_members.groups_at(connection, call.portal)
    surveys.save(connection, call.portal, surveys.MEMBERS, pages=pages, read_at=now)
