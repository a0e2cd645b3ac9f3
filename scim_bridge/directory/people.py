"""Users found otherwise than by their id: several at once, everybody page by page, or by any name. And whether
somebody has left."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Text, bindparam, select, union, update

from scim_bridge.db.expressions import in_list
from scim_bridge.db.prepared import Prepared
from scim_bridge.directory.model import User
from scim_bridge.directory.tables import user_emails, users
from scim_bridge.directory.users import as_user
from scim_bridge.scim.comparison import folded

_TENANT: Final = bindparam("tenant", type_=Text)
_COLUMNS: Final = (
    users.c.tenant, users.c.id, users.c.document, users.c.version, users.c.created_at, users.c.last_modified,
    users.c.active, users.c.deleted_at, users.c.has_left,
)  # fmt: skip
_WITH_IDS: Final = Prepared(select(*_COLUMNS).where(users.c.tenant == _TENANT, in_list(users.c.id, "ids")))
_IDS_AFTER: Final = Prepared(
    select(users.c.id)
    .where(users.c.tenant == _TENANT, users.c.id > bindparam("after", type_=Text))
    .order_by(users.c.id)
    .limit(bindparam("limit"))
)


def with_ids(connection: Connection, tenant: str, ids: Sequence[str]) -> list[User]:
    """The users with these ids, the deleted too."""
    return [as_user(row) for row in _WITH_IDS.rows(connection, {"tenant": tenant, "ids": ids})]


def ids_after(connection: Connection, tenant: str, after: str, limit: int) -> list[str]:
    """The next ids of users, the deleted too, in their order; "" begins at the first."""
    return _IDS_AFTER.column(connection, {"tenant": tenant, "after": after, "limit": limit})


def set_left(connection: Connection, tenant: str, user_id: str, *, has_left: bool) -> None:
    """Note that somebody has left by another word than the IdP's, or is back."""
    mine = (users.c.tenant == tenant, users.c.id == user_id, users.c.has_left != has_left)
    connection.execute(update(users).where(*mine).values(has_left=has_left))


def _live(column: Any, value: Any) -> Any:
    return select(users.c.id).where(users.c.tenant == _TENANT, users.c.deleted_at.is_(None), column == value)


# Asked one by one, each by its index.
_NAMED: Final = Prepared(
    union(
        select(users.c.id).where(users.c.tenant == _TENANT, users.c.id == bindparam("text", type_=Text)),
        _live(users.c.external_id, bindparam("text", type_=Text)),
        _live(users.c.user_name_key, bindparam("key", type_=Text)),
        select(user_emails.c.user_id).where(
            user_emails.c.tenant == _TENANT, user_emails.c.value_key == bindparam("key", type_=Text)
        ),
    )
)


def named(connection: Connection, tenant: str, text: str) -> list[User]:
    """Everybody whose id, externalId, userName or e-mail address this is; the last two in any letter case. An id (even
    of a deleted user) or a userName names one person, whoever else has it as an address."""
    values = {"tenant": tenant, "text": text, "key": folded(text)}
    found = with_ids(connection, tenant, _NAMED.column(connection, values))
    exact = [user for user in found if text == user.id or folded(text) == folded(user.document["userName"])]
    here = [user for user in exact or found if not user.deleted]
    return here or [user for user in found if user.id == text]
