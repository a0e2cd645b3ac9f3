"""What a call's end means for *observed*: before the send, accepted, refused, or in doubt. Writes rows, sends nothing.
Calls of offboarding have theirs in `outcomes_offboarding`. A read without an answer leaves nothing in doubt: it is made
again.

In doubt is decided from the journal's words alone, so that it is the same for a reply that never came and for a
driver that died (design, uncertain outcomes)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from scim_bridge.delivery import members, outcomes_offboarding, surveys
from scim_bridge.delivery.calls import (
    Call,
    ChangeMembers,
    CreateGroup,
    CreateUser,
    EditGroup,
    EditUser,
    ReadGroup,
    ReadPage,
    ReadUser,
)
from scim_bridge.delivery.sending import Reply
from scim_bridge.hexnode.errors import Rejected
from scim_bridge.hexnode.types import Group, Page, User
from scim_bridge.provisioning import accounts, foreign_members, hexnode_groups, placements, seen, vanished
from scim_bridge.provisioning import tables as provisioned
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.seen import SeenGroup, SeenUser


def sending(connection: Connection, call: Call, now: datetime) -> None:
    """Before the socket opens: note on the rows what is under way and must not be repeated blindly."""
    match call:
        case CreateUser(account=account):
            accounts.create_sent(connection, account, now)
        case CreateGroup(group=group):
            hexnode_groups.set_row(connection, group, create_sent_at=now)


def not_sent(connection: Connection, call: Call) -> None:
    """The call surely had no effect (unreachable, throttled, key refused): its rows wait as before."""
    match call:
        case CreateUser(account=account):
            accounts.create_sent(connection, account, None)
        case CreateGroup(group=group):
            hexnode_groups.set_row(connection, group, create_sent_at=None)


def accepted(connection: Connection, portal: str, call: Call, reply: Reply, now: datetime) -> None:
    """Hexnode took the call: observed becomes what it now is. `now` is when the call was sent."""
    match call, reply:
        case ChangeMembers(), Group() | None:
            _members_changed(connection, call, reply)
            members.foreign_withdrawn(connection, call, reply.user_ids if reply else None)
            _members_shown(connection, portal, reply, now)
        case CreateUser(account=account), User():
            _user_created(connection, portal, account, surveys.seen_user(reply), now)
        case CreateGroup(), Group():
            _group_created(connection, portal, call, reply, now)
        case EditUser(account=account, profile=profile), _:
            accounts.observe_profile(connection, account, profile, now)
        case EditGroup(), Group() | None:
            seen.note_groups(connection, portal, [SeenGroup(call.hexnode_id, call.groupname)], now)
            _group_renamed(connection, call, reply, now)
            _members_shown(connection, portal, reply, now)
        case ReadGroup(), Group():
            vanished.shown(connection, portal, provisioned.hexnode_groups, [call.hexnode_id])
            members.read(connection, call, reply.user_ids, now)
        case ReadUser(), User() | None:
            surveys.user_read(connection, portal, call, reply, now)
        case ReadPage(), Page():
            surveys.page_read(connection, portal, call, reply, now)
        case _:
            # A create without a readable id: the row stays in doubt and is looked up in the list.
            pass


def refused(connection: Connection, call: Call, error: Rejected, now: datetime) -> None:
    """Hexnode said no: a call for several is sent again in smaller parts, a call for one stops and is shown."""
    trouble = f"Hexnode refused: {error.detail}"
    match call:
        case ChangeMembers(group=group) if call.size > 1:
            placements.travel_in(connection, group, call.people, call.size // 2)
            foreign_members.travel_in(connection, group, call.foreign, call.size // 2)
        case ChangeMembers(group=group, foreign=(_, *_)):
            foreign_members.stop(connection, group, call.foreign, trouble)
        case ChangeMembers(group=group):
            placements.stop(connection, group, call.people, trouble)
            if error.status == 404:
                # Either this person or the whole group is not there: the group is looked for by its name.
                hexnode_groups.lost(connection, group, None, now)
                placements.forget_all(connection, group)
        case ReadGroup() | ReadUser():
            _not_shown(connection, call, error, now)
        case EditGroup(group=group) if error.status == 404:
            hexnode_groups.lost(connection, group, call.hexnode_id, now)
            placements.forget_all(connection, group)
        case CreateUser(account=account) | EditUser(account=account):
            accounts.stop(connection, account, trouble)
        case CreateGroup(group=group, members=first) if first:
            # One member whom Hexnode does not know must not cost the others their group: it is made empty first.
            everyone = [person.user_id for person in first]
            placements.travel_in(connection, group, everyone, max(1, len(everyone) // 2))
            hexnode_groups.set_row(connection, group, create_sent_at=None)
        case CreateGroup(group=group) | EditGroup(group=group):
            values = {"trouble": trouble, "create_sent_at": None}
            hexnode_groups.set_row(connection, group, **values)


def _not_shown(connection: Connection, call: ReadGroup | ReadUser, error: Rejected, now: datetime) -> None:
    """A 404 is the proof that what a survey missed is gone; any other refusal proves nothing, and the next survey
    looks again."""
    match call:
        case ReadUser() if error.status == 404:
            vanished.user_is_gone(connection, call.portal, call.hexnode_id, now)
        case ReadUser():
            vanished.shown(connection, call.portal, provisioned.accounts, [call.hexnode_id])
        case ReadGroup():
            is_gone = error.status == 404 and vanished.group_is_gone(connection, call.portal, call.hexnode_id, now)
            if not is_gone:
                vanished.shown(connection, call.portal, provisioned.hexnode_groups, [call.hexnode_id])
                members.unreadable(connection, call, error, now)


def in_doubt(connection: Connection, kind: str, subject: dict[str, Any], now: datetime) -> None:
    """Nobody knows whether the call took effect: observed becomes unknown. Creates were marked when they were sent."""
    match kind:
        case "ChangeMembers":
            placements.observe(connection, GroupKey(subject["tenant"], subject["key"]), subject["user_ids"], None)
        case "EditUser":
            accounts.forget_profile(connection, AccountKey(subject["tenant"], subject["user_ids"][0]))
        case "EditGroup":
            hexnode_groups.set_row(connection, GroupKey(subject["tenant"], subject["key"]), observed_groupname=None)
        case _:
            outcomes_offboarding.in_doubt(connection, kind, subject, now)


def _members_changed(connection: Connection, call: ChangeMembers, reply: Group | None) -> None:
    """Trust the reply's member list where it has one: an id may have been skipped silently (hexnode-api.md 8.5)."""
    present = None if reply is None or reply.user_ids is None else set(reply.user_ids)
    skipped = [p.user_id for p in call.add if present is not None and p.hexnode_id not in present]
    added = [person.user_id for person in call.add if person.user_id not in skipped]
    placements.observe(connection, call.group, added, present=True)
    placements.observe(connection, call.group, [person.user_id for person in call.remove], present=False)
    placements.stop(connection, call.group, skipped, "Hexnode took the call but did not add this user.")


def _user_created(connection: Connection, portal: str, account: AccountKey, user: SeenUser, now: datetime) -> None:
    seen.note_users(connection, portal, [user], now)
    accounts.observe(connection, account, user, now)


def _group_created(connection: Connection, portal: str, call: CreateGroup, reply: Group, now: datetime) -> None:
    seen.note_groups(connection, portal, [SeenGroup(reply.id, reply.groupname)], now)
    hexnode_groups.observe(connection, call.group, reply.id, call.groupname, now)
    first = ChangeMembers(call.group, reply.id, call.members, (), call.lane)
    placements.begin_anew(connection, call.group)
    _members_changed(connection, first, reply)
    _members_shown(connection, portal, reply, now)


def _members_shown(connection: Connection, portal: str, reply: Group | None, now: datetime) -> None:
    if reply is not None:
        members.replied(connection, portal, reply.id, reply.user_ids, now)


def _group_renamed(connection: Connection, call: EditGroup, reply: Group | None, now: datetime) -> None:
    """Whether a rename keeps the members is not documented (hexnode-api.md 8.4): those whom the reply does not show
    are placed again, and everyone when it shows nobody's list; harmless where they were kept."""
    hexnode_groups.observe(connection, call.group, call.hexnode_id, call.groupname, now)
    kept = () if reply is None or reply.user_ids is None else reply.user_ids
    placements.forget_all(connection, call.group, but=set(kept))
