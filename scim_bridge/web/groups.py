"""The use cases of Groups: each one transaction, in which the directory is written and intake sets the desired side.

Members are touched row by row; a whole list is read only to show it, and only when it is asked for.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from scim_bridge.db.engine import reading, writing
from scim_bridge.directory import groups
from scim_bridge.directory.model import Group, GroupChange
from scim_bridge.provisioning import intake
from scim_bridge.scim import members as scim_members
from scim_bridge.scim import patch as scim_patch
from scim_bridge.scim.members import MemberChange
from scim_bridge.scim.messages import patch_operations
from scim_bridge.scim.resources import GROUP_TYPE
from scim_bridge.scim.validation import accept
from scim_bridge.web.context import Case
from scim_bridge.web.shown import Shown, nothing_of, shown
from scim_bridge.web.versions import check_version

Body = Callable[[], dict[str, Any]]


def fetch(case: Case, group_id: str) -> Shown | None:
    """One group; None when there is none."""
    with reading(case.engine) as connection:
        group = groups.find(connection, case.tenant, group_id)
        return shown(connection, case, group) if group else None


def create(case: Case, body: Body) -> Shown:
    """A new group with the members that came with it."""
    sent = body()
    document, members = accept(sent, GROUP_TYPE), scim_members.from_body(sent) or ()
    with writing(case.engine) as connection:
        change = groups.create(connection, case.tenant, document, members, case.now)
        _changed(connection, case, change)
        return shown(connection, case, change.group)


def put(case: Case, group_id: str, body: Body) -> Shown | None:
    """Replace a group; without `members` in the body they stay as they are (design, contradictions)."""
    with writing(case.engine) as connection:
        group = _locked(connection, case, group_id)
        if group is None:
            return None
        sent = body()
        document, members = accept(sent, GROUP_TYPE, replaces=True), scim_members.from_body(sent)
        changes = [] if members is None else [MemberChange("replace", members)]
        return shown(connection, case, _written(connection, case, group, document, changes))


def patch(case: Case, group_id: str, body: Body) -> Shown | None:
    """Change a group. Shown only when the request says what to show: IdPs want 204 (design, contradictions)."""
    with writing(case.engine) as connection:
        group = _locked(connection, case, group_id)
        if group is None:
            return None
        changes, operations = scim_members.from_patch(patch_operations(body()))
        document = scim_patch.apply(group.document, operations, GROUP_TYPE)
        after = _written(connection, case, group, document, changes)
        return shown(connection, case, after) if case.projection.given else nothing_of(case, after)


def delete(case: Case, group_id: str) -> bool:
    """Delete a group; False when there is none."""
    with writing(case.engine) as connection:
        groups.hold_all_of(connection, case.tenant, group_id)
        group = _locked(connection, case, group_id)
        if group is None:
            return False
        _changed(connection, case, groups.remove(connection, group, case.now))
        return True


def _locked(connection: Connection, case: Case, group_id: str) -> Group | None:
    group = groups.find(connection, case.tenant, group_id, for_update=True)
    if group:
        check_version(connection, case, group)
    return group


def _written(
    connection: Connection, case: Case, group: Group, document: dict[str, Any], changes: Sequence[MemberChange]
) -> Group:
    change = groups.write(connection, group, document, changes, case.now)
    _changed(connection, case, change)
    return change.group


def _changed(connection: Connection, case: Case, change: GroupChange) -> None:
    if change.after is not change.before:
        intake.group_changed(connection, case.policy, change, case.now)
