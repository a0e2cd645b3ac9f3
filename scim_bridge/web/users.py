"""The use cases of Users: each one transaction, in which the directory is written and intake sets the desired side."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from scim_bridge.db.engine import reading, writing
from scim_bridge.directory import memberships, search, users
from scim_bridge.directory.documents import user_document
from scim_bridge.directory.model import User, UserChange
from scim_bridge.directory.search import Window
from scim_bridge.provisioning import intake
from scim_bridge.scim import patch as scim_patch
from scim_bridge.scim.filter import parse
from scim_bridge.scim.messages import ListQuery, patch_operations
from scim_bridge.scim.projection import project, wants
from scim_bridge.scim.resources import USER_TYPE
from scim_bridge.scim.validation import accept
from scim_bridge.web.answers import check_version
from scim_bridge.web.context import Case

Body = Callable[[], dict[str, Any]]
Answer = tuple[User, dict[str, Any] | None]


def fetch(case: Case, user_id: str) -> Answer | None:
    """One user; None when there is none."""
    with reading(case.engine) as connection:
        user = users.find(connection, case.tenant, user_id)
        return _shown(connection, case, user) if user else None


def page(case: Case, query: ListQuery) -> tuple[int, list[dict[str, Any]]]:
    """(total, resources) of a list request."""
    wanted = parse(query.filter, USER_TYPE) if query.filter else None
    with reading(case.engine) as connection:
        window = Window(query.start_index, query.count)
        total, found = search.find_users(connection, case.tenant, wanted, window)
        return total, _documents(connection, case, found)


def create(case: Case, body: Body) -> Answer:
    """A new or returning user."""
    document = accept(body(), USER_TYPE)
    with writing(case.engine) as connection:
        return _changed(connection, case, users.create(connection, case.tenant, document, case.now))


def put(case: Case, user_id: str, body: Body) -> Answer | None:
    """Replace a user; without `active` in the body it stays as it is (design, contradictions)."""
    with writing(case.engine) as connection:
        user = _locked(connection, case, user_id)
        if user is None:
            return None
        document = {"active": user.active, **accept(body(), USER_TYPE, replaces=True)}
        return _changed(connection, case, users.put(connection, user, document, case.now))


def patch(case: Case, user_id: str, body: Body) -> Answer | None:
    """Change a user; all operations or none."""
    with writing(case.engine) as connection:
        user = _locked(connection, case, user_id)
        if user is None:
            return None
        document = scim_patch.apply(user.document, patch_operations(body()), USER_TYPE)
        return _changed(connection, case, users.put(connection, user, document, case.now))


def delete(case: Case, user_id: str) -> bool:
    """Delete a user; False when there is none."""
    with writing(case.engine) as connection:
        user = _locked(connection, case, user_id)
        if user is None:
            return False
        intake.user_changed(connection, case.policy, users.remove(connection, user, case.now), case.now)
        users.forget_memberships(connection, user)
        return True


def _locked(connection: Connection, case: Case, user_id: str) -> User | None:
    user = users.find(connection, case.tenant, user_id, for_update=True)
    if user:
        check_version(user)
    return user


def _changed(connection: Connection, case: Case, change: UserChange) -> Answer:
    if change.after is not change.before:
        intake.user_changed(connection, case.policy, change, case.now)
    return _shown(connection, case, change.after)


def _shown(connection: Connection, case: Case, user: User) -> Answer:
    return user, _documents(connection, case, [user])[0]


def _documents(connection: Connection, case: Case, found: list[User]) -> list[dict[str, Any]]:
    loads = wants(case.projection, "groups")
    groups = memberships.groups_of(connection, case.tenant, [user.id for user in found]) if loads else {}
    documents = (user_document(user, groups.get(user.id, ()), case.base_url) for user in found)
    return [project(document, case.projection, USER_TYPE) for document in documents]
