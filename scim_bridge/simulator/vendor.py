"""The vendor's paths under `/api/v1/`, each a thin step between request and rule (hexnode-api.md)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Response, g, request

from scim_bridge.simulator import actions, devices, groups, paging, users
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import User
from scim_bridge.simulator.wire import json_body, reply

BASE = "/api/v1/"
View = Callable[..., Response]


def add_routes(app: Flask, portal: Portal) -> None:
    """Puts every path of the vendor that the simulator knows into `app`. OPTIONS is answered everywhere."""
    for path, views in ROUTES.items():
        for method, view in views.items():
            _add(app, portal, path, method, view)
    for name in actions.ACTIONS:
        _add(app, portal, f"actions/{name}/", "POST", partial(act, name=name))


def list_users(portal: Portal) -> Response:
    """Section 7.1."""
    held = users.device_counts(portal)

    def row(user: User) -> dict[str, Any]:
        return users.shown(user) | {"total_devices": held[user.id]}

    return _page(users.listed(portal, request.args), row)


def create_user(portal: Portal) -> Response:
    """Section 7.2."""
    shown = users.shown(users.create(portal, json_body()))
    replies = {"object": shown, "list": [shown], "empty": None}
    return reply(replies[portal.switches.create_user_reply], 201)


def get_user(portal: Portal, number: int) -> Response:
    """Section 7.3."""
    return reply(users.shown(users.find(portal, number)))


def put_user(portal: Portal, number: int) -> Response:
    """Section 7.4."""
    return reply(users.shown(users.edit(portal, number, json_body())))


def delete_user(portal: Portal, number: int) -> Response:
    """Section 7.5."""
    users.delete(portal, number)
    return reply(None, 204)


def list_groups(portal: Portal) -> Response:
    """Section 8.1."""
    return _page(groups.listed(portal), groups.row)


def create_group(portal: Portal) -> Response:
    """Section 8.2."""
    return reply(groups.shown(portal, groups.create(portal, json_body())), 201)


def get_group(portal: Portal, number: int) -> Response:
    """Section 8.3."""
    shown = groups.shown(portal, groups.find(portal, number))
    return reply(shown | {"policy": [], "location_history": []})


def put_group(portal: Portal, number: int) -> Response:
    """Section 8.4."""
    return reply(groups.shown(portal, groups.update(portal, number, json_body())))


def post_group(portal: Portal, number: int) -> Response:
    """Section 8.5; 201 though nothing is created, as the documents print."""
    return reply(groups.shown(portal, groups.change_members(portal, number, json_body())), 201)


def delete_group(portal: Portal, number: int) -> Response:
    """Section 8.6."""
    groups.delete(portal, number)
    return reply(None, 204)


def list_devices(portal: Portal) -> Response:
    """Section 6.1."""
    return _page(devices.listed(portal, request.args), partial(devices.row, portal))


def get_device(portal: Portal, number: int) -> Response:
    """Section 6.2."""
    return reply(devices.shown(portal, devices.find(portal, number)))


def action_status(portal: Portal, number: int) -> Response:
    """Section 6.3, newest first."""
    newest_first = devices.find(portal, number).actions[::-1]
    return _page(newest_first, devices.action_row)


def act(portal: Portal, name: str) -> Response:
    """Section 9.1: 200 and nothing shown."""
    actions.ACTIONS[name](portal, json_body())
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
}


def _add(app: Flask, portal: Portal, path: str, method: str, view: View) -> None:
    def in_turn(**ids: int) -> Response:
        with portal.turn(g.call):
            return view(portal, **ids)

    app.add_url_rule(BASE + path, f"{method} {path}", in_turn, methods=[method])


def _page(rows: list[Any], render: Callable[[Any], Any]) -> Response:
    return reply(paging.page(rows, render, request.args.to_dict(), request.base_url))
