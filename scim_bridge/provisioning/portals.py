"""A tenant that is bound to another portal than before: what was known of the old one means nothing there, and an id of
one portal must never be sent to another, where it is somebody else's."""

from typing import Any, Final

from sqlalchemy import Connection, false, null, select, update

from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.provisioning.tables import accounts, hexnode_groups, placements

_OF_ACCOUNT: Final = (
    "hexnode_id", "observed_name", "observed_email", "observed_phone", "observed_domain", "seen_at",
    "create_sent_at", "drifted_at",
)  # fmt: skip
_OF_GROUP: Final = (
    "hexnode_id", "observed_groupname", "lost_id", "members_seen_at", "members_asked_at", "seen_at", "create_sent_at",
    "drifted_at",
)  # fmt: skip


def follow(connection: Connection, policy: TenantPolicy) -> None:
    """Forget the observed side of every row that stands for something at another portal."""
    moved = select(hexnode_groups.c.key).where(*_elsewhere(hexnode_groups, policy))
    in_moved = (placements.c.tenant == policy.name, placements.c.key.in_(moved))
    connection.execute(update(placements).where(*in_moved).values(portal=policy.portal, observed=false(), batch=null()))
    for table, unknown in ((accounts, _OF_ACCOUNT), (hexnode_groups, _OF_GROUP)):
        values = {"portal": policy.portal, **dict.fromkeys(unknown)}
        connection.execute(update(table).where(*_elsewhere(table, policy)).values(values))


def _elsewhere(table: Any, policy: TenantPolicy) -> tuple[Any, Any]:
    return table.c.tenant == policy.name, table.c.portal != policy.portal
