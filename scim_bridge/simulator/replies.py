"""The forms of answers to writes that hexnode-api.md section 13 leaves open (rows 2, 4 and 5)."""

from typing import Any

from flask import Response

from scim_bridge.simulator import groups, users
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import Group, User
from scim_bridge.simulator.wire import reply


def user_created(portal: Portal, user: User) -> Response:
    """Section 7.2."""
    shown = users.shown(portal, user)
    forms: dict[str, Any] = {
        "object": shown,
        "list": [shown],
        "empty": None,
        "without_id": {name: value for name, value in shown.items() if name != "id"},
    }
    return reply(forms[portal.switches.create_user_reply], portal.switches.create_user_status)


def user_edited(portal: Portal, user: User) -> Response:
    """Section 7.4."""
    form = portal.switches.edit_user_reply
    return reply(users.shown(portal, user) if form == "object" else None, 204 if form == "no_content" else 200)


def group_written(portal: Portal, group: Group, status: int) -> Response:
    """Sections 8.2, 8.4 and 8.5."""
    shown = groups.shown(portal, group)
    forms: dict[str, Any] = {
        "with_users": shown,
        "without_users": {name: value for name, value in shown.items() if name != "users"},
        "empty": None,
    }
    return reply(forms[portal.switches.group_reply], status)


def deleted(portal: Portal) -> Response:
    """Sections 7.5 and 8.6."""
    status = portal.switches.delete_status
    return reply(None if status == 204 else {}, status)
