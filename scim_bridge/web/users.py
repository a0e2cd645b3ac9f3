"""The use cases of Users: each one transaction, in which the directory is written and intake sets the desired side."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from scim_bridge.db.engine import reading, writing
from scim_bridge.directory import groups, users
from scim_bridge.directory.model import User, UserChange
from scim_bridge.provisioning import intake
from scim_bridge.provisioning.rules import reduced
from scim_bridge.scim import patch as scim_patch
from scim_bridge.scim.messages import patch_operations
from scim_bridge.scim.resources import USER_TYPE
from scim_bridge.scim.validation import accept
from scim_bridge.web.context import Case
from scim_bridge.web.shown import Shown, shown
from scim_bridge.web.versions import check_version

Body = Callable[[], dict[str, Any]]


def fetch(case: Case, user_id: str) -> Shown | None:
    """One user; None when there is none."""
    with reading(case.engine) as connection:
        user = users.find(connection, case.tenant, user_id)
        return shown(connection, case, user) if user else None


def create(case: Case, body: Body) -> Shown:
    """A new or returning user."""
    document = reduced(accept(body(), USER_TYPE), case.policy)
    with writing(case.engine) as connection:
        return _changed(connection, case, users.create(connection, case.tenant, document, case.now))


def put(case: Case, user_id: str, body: Body) -> Shown | None:
    """Replace a user; without `active` in the body it stays as it is (design, contradictions)."""
    with writing(case.engine) as connection:
        user = _locked(connection, case, user_id)
        if user is None:
            return None
        document = {"active": user.active, **accept(body(), USER_TYPE, replaces=True)}
        return _written(connection, case, user, document)


def patch(case: Case, user_id: str, body: Body) -> Shown | None:
    """Change a user; all operations or none."""
    with writing(case.engine) as connection:
        user = _locked(connection, case, user_id)
        if user is None:
            return None
        return _written(connection, case, user, scim_patch.apply(user.document, patch_operations(body()), USER_TYPE))


def delete(case: Case, user_id: str) -> bool:
    """Delete a user; False when there is none."""
    with writing(case.engine) as connection:
        groups.hold_all_of(connection, case.tenant, user_id)
        user = _locked(connection, case, user_id)
        if user is None:
            return False
        intake.user_changed(connection, case.policy, users.remove(connection, user, case.now), case.now)
        users.forget_memberships(connection, user, case.now)
        return True


def _locked(connection: Connection, case: Case, user_id: str) -> User | None:
    user = users.find(connection, case.tenant, user_id, for_update=True)
    if user:
        check_version(connection, case, user)
    return user


def _written(connection: Connection, case: Case, user: User, document: dict[str, Any]) -> Shown:
    """What the tenant does not keep goes at the door."""
    return _changed(connection, case, users.put(connection, user, reduced(document, case.policy), case.now))


def _changed(connection: Connection, case: Case, change: UserChange) -> Shown:
    if change.after is not change.before:
        intake.user_changed(connection, case.policy, change, case.now)
    return shown(connection, case, change.after, is_new=change.before is None)
