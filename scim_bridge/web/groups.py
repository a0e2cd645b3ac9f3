"""The use cases of Groups: each one transaction, in which the directory is written and intake sets the desired side.

Members are touched row by row; a whole list is read only to show it, and only when it is asked for.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from scim_bridge.db.engine import reading, writing
from scim_bridge.directory import groups, memberships, search
from scim_bridge.directory.documents import group_document
from scim_bridge.directory.model import Group, GroupChange
from scim_bridge.directory.search import Window
from scim_bridge.provisioning import intake
from scim_bridge.scim import members as scim_members
from scim_bridge.scim import patch as scim_patch
from scim_bridge.scim.filter import parse
from scim_bridge.scim.members import MemberChange
from scim_bridge.scim.messages import ListQuery, patch_operations
from scim_bridge.scim.projection import project, wants
from scim_bridge.scim.resources import GROUP_TYPE
from scim_bridge.scim.validation import accept
from scim_bridge.web.answers import check_version
from scim_bridge.web.context import Case

Body = Callable[[], dict[str, Any]]
Answer = tuple[Group, dict[str, Any] | None]


def fetch(case: Case, group_id: str) -> Answer | None:
    """One group; None when there is none."""
    with reading(case.engine) as connection:
        group = groups.find(connection, case.tenant, group_id)
        return _shown(connection, case, group) if group else None


def page(case: Case, query: ListQuery) -> tuple[int, list[dict[str, Any]]]:
    """(total, resources) of a list request."""
    wanted = parse(query.filter, GROUP_TYPE) if query.filter else None
    with reading(case.engine) as connection:
        window = Window(query.start_index, query.count)
        total, found = search.find_groups(connection, case.tenant, wanted, window)
        return total, _documents(connection, case, found)


def create(case: Case, body: Body) -> Answer:
    """A new group with the members that came with it."""
    sent = body()
    document, members = accept(sent, GROUP_TYPE), scim_members.from_body(sent) or ()
    with writing(case.engine) as connection:
        change = groups.create(connection, case.tenant, document, members, case.now)
        _changed(connection, case, change)
        return _shown(connection, case, change.group)


def put(case: Case, group_id: str, body: Body) -> Answer | None:
    """Replace a group; without `members` in the body they stay as they are (design, contradictions)."""
    with writing(case.engine) as connection:
        group = _locked(connection, case, group_id)
        if group is None:
            return None
        sent = body()
        document, members = accept(sent, GROUP_TYPE, replaces=True), scim_members.from_body(sent)
        changes = [] if members is None else [MemberChange("replace", members)]
        return _shown(connection, case, _written(connection, case, group, document, changes))


def patch(case: Case, group_id: str, body: Body) -> Answer | None:
    """Change a group. Shown only when the request says what to show: IdPs want 204 (design, contradictions)."""
    with writing(case.engine) as connection:
        group = _locked(connection, case, group_id)
        if group is None:
            return None
        changes, operations = scim_members.from_patch(patch_operations(body()))
        document = scim_patch.apply(group.document, operations, GROUP_TYPE)
        after = _written(connection, case, group, document, changes)
        return _shown(connection, case, after) if case.projection.given else (after, None)


def delete(case: Case, group_id: str) -> bool:
    """Delete a group; False when there is none."""
    with writing(case.engine) as connection:
        group = _locked(connection, case, group_id)
        if group is None:
            return False
        _changed(connection, case, groups.remove(connection, group))
        return True


def _locked(connection: Connection, case: Case, group_id: str) -> Group | None:
    group = groups.find(connection, case.tenant, group_id, for_update=True)
    if group:
        check_version(group)
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


def _shown(connection: Connection, case: Case, group: Group) -> Answer:
    return group, _documents(connection, case, [group])[0]


def _documents(connection: Connection, case: Case, found: list[Group]) -> list[dict[str, Any]]:
    """`members` is [] for an empty group when asked for, and never loaded when not (quirk 26)."""
    loads = wants(case.projection, "members")
    members = memberships.members_of(connection, case.tenant, [group.id for group in found]) if loads else {}
    documents = (group_document(group, members.get(group.id), case.base_url) for group in found)
    return [project(document, case.projection, GROUP_TYPE) for document in documents]
