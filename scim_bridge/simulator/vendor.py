"""The vendor's paths under `/api/v1/`, each a thin step between request and rule (hexnode-api.md)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Response, g, request

from scim_bridge.simulator import actions, devices, groups, lists, paging, replies, users
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import User
from scim_bridge.simulator.wire import json_body, reply

BASE = "/api/v1/"
POLICY_PATHS = ("policy", "policies")  # only one of them is there at a time
View = Callable[..., Response]


def add_routes(app: Flask, portal: Portal) -> None:
    """Puts every path of the vendor that the simulator knows into `app`. OPTIONS is answered everywhere."""
    for path, views in ROUTES.items():
        for method, view in views.items():
            _add(app, portal, path, method, view)


def exists(portal: Portal) -> bool:
    """Whether the switches let the request's host and path be there at all."""
    if portal.switches.host and request.host.partition(":")[0] != portal.switches.host:
        return False
    room, _, rest = request.path.removeprefix(BASE).partition("/")
    if room == "actions":
        return rest.removesuffix("/") in actions.known(portal)
    return room not in POLICY_PATHS or room == portal.switches.policy_path


def list_users(portal: Portal) -> Response:
    """Section 7.1."""
    held = users.device_counts(portal)

    def row(user: User) -> dict[str, Any]:
        return users.shown(portal, user) | {"total_devices": held[user.id]}

    return _page(portal, lists.of_users(portal, request.args), row)


def create_user(portal: Portal) -> Response:
    """Section 7.2."""
    return replies.user_created(portal, users.create(portal, json_body()))


def get_user(portal: Portal, number: int) -> Response:
    """Section 7.3."""
    return reply(users.shown(portal, users.find(portal, number)))


def put_user(portal: Portal, number: int) -> Response:
    """Section 7.4."""
    return replies.user_edited(portal, users.edit(portal, number, json_body()))


def delete_user(portal: Portal, number: int) -> Response:
    """Section 7.5."""
    users.delete(portal, number)
    return replies.deleted(portal)


def list_groups(portal: Portal) -> Response:
    """Section 8.1."""
    return _page(portal, lists.of_groups(portal), groups.row)


def create_group(portal: Portal) -> Response:
    """Section 8.2."""
    group = groups.create(portal, json_body())
    return replies.group_written(portal, group, portal.switches.create_group_status)


def get_group(portal: Portal, number: int) -> Response:
    """Section 8.3."""
    shown = groups.shown(portal, groups.find(portal, number))
    shown["users"] = lists.shrunk(portal, "members", shown["users"])
    return reply(shown | {"policy": [], "location_history": []})


def put_group(portal: Portal, number: int) -> Response:
    """Section 8.4."""
    return replies.group_written(portal, groups.update(portal, number, json_body()), 200)


def post_group(portal: Portal, number: int) -> Response:
    """Section 8.5; 201 though nothing is created, as the documents print."""
    group = groups.change_members(portal, number, json_body())
    return replies.group_written(portal, group, portal.switches.change_members_status)


def delete_group(portal: Portal, number: int) -> Response:
    """Section 8.6."""
    groups.delete(portal, number)
    return replies.deleted(portal)


def list_devices(portal: Portal) -> Response:
    """Section 6.1."""
    return _page(portal, lists.of_devices(portal, request.args), partial(devices.row, portal))


def get_device(portal: Portal, number: int) -> Response:
    """Section 6.2."""
    return reply(devices.shown(portal, devices.find(portal, number)))


def action_status(portal: Portal, number: int) -> Response:
    """Section 6.3, newest first."""
    return _page(portal, devices.action_rows(portal, devices.find(portal, number)), dict)


def list_policies(portal: Portal) -> Response:
    """Section 10."""
    return _page(portal, sorted(portal.policies.items()), lambda row: {"id": row[0], "name": row[1]})


def act(portal: Portal, action: str) -> Response:
    """Section 9.1: 200 and nothing shown."""
    actions.known(portal)[action](portal, json_body())
    return reply(None)


ROUTES: dict[str, dict[str, View]] = {
    "users/": {"GET": list_users, "POST": create_user},
    "users/<int:number>/": {"GET": get_user, "PUT": put_user, "DELETE": delete_user},
    "usergroups/": {"GET": list_groups, "POST": create_group},
    "usergroups/<int:number>/": {
        "GET": get_group,
        "PUT": put_group,
        "POST": post_group,
        "DELETE": delete_group,
    },
    "devices/": {"GET": list_devices},
    "devices/<int:number>/": {"GET": get_device},
    "devices/<int:number>/action_status/": {"GET": action_status},
    "actions/<action>/": {"POST": act},
    "policy/": {"GET": list_policies},
    "policies/": {"GET": list_policies},
}


def _add(app: Flask, portal: Portal, path: str, method: str, view: View) -> None:
    def in_turn(**ids: Any) -> Response:
        with portal.turn(g.call):
            return view(portal, **ids)

    app.add_url_rule(BASE + path, f"{method} {path}", in_turn, methods=[method])


def _page(portal: Portal, rows: list[Any], render: Callable[[Any], Any]) -> Response:
    asked = paging.Asked(request.base_url, request.args.to_dict())
    return reply(paging.page(rows, render, asked, portal.switches))
