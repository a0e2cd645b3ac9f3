"""Documents and operations that the tests of this package share."""

from typing import Any

from scim_bridge.scim.messages import Operation
from scim_bridge.scim.schema import ENTERPRISE_USER, GROUP, USER

ENTERPRISE = ENTERPRISE_USER.urn


def user_body(**more: Any) -> dict[str, Any]:
    """A POST body of a user, with what the test adds."""
    return {"schemas": [USER.urn], "userName": "lena.b@example.com", **more}


def group_body(**more: Any) -> dict[str, Any]:
    """A POST body of a group, with what the test adds."""
    return {"schemas": [GROUP.urn], "displayName": "Docks North", **more}


def op(kind: Any, path: str | None = None, *value: Any) -> Operation:
    """An operation; leave the value away for one without a `value` key."""
    return Operation(kind, path, value[0] if value else None, bool(value))
