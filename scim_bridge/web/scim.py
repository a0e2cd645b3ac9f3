"""The SCIM views: one list view, one search view and one item view, for every resource type alike."""

from types import ModuleType

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.routing import BaseConverter

from scim_bridge.scim.errors import not_found, not_implemented
from scim_bridge.scim.queries import list_query, search_query
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE, ResourceType
from scim_bridge.web import groups, users
from scim_bridge.web.answers import resource_answer
from scim_bridge.web.attempts import attempted
from scim_bridge.web.bodies import body
from scim_bridge.web.bulk import bulk
from scim_bridge.web.context import SCIM_BASE, case
from scim_bridge.web.lists import listed
from scim_bridge.web.shown import Shown

_NOBODY = "There is no {} with this id."
ANY_VERB = ("GET", "POST", "PUT", "PATCH", "DELETE")


class _ResourceId(BaseConverter):
    """An id in a path; `.search` is none, so that another verb than POST is answered 405 there."""

    regex = r"(?!\.search$)[^/]+"


def install(app: Flask) -> None:
    """Routes of Users and Groups, of searches and bulk requests, and of what is declared as not supported."""
    app.url_map.converters["id"] = _ResourceId
    for resource_type, cases in ((USER_TYPE, users), (GROUP_TYPE, groups)):
        _register(app, resource_type, cases)
    _register_lists(app, "", "root")
    app.add_url_rule(f"{SCIM_BASE}/Bulk", "bulk", bulk, methods=("POST",))
    app.add_url_rule(f"{SCIM_BASE}/Me", "me", _not_supported, methods=ANY_VERB)


def _register(app: Flask, resource_type: ResourceType, cases: ModuleType) -> None:
    path, name = SCIM_BASE + resource_type.endpoint, resource_type.name

    def create() -> ResponseReturnValue:
        asked, sent = case(), body()
        return resource_answer(attempted(lambda: cases.create(asked, sent)), 201)

    def item(resource_id: str) -> ResponseReturnValue:
        return _item(resource_type, cases, resource_id)

    _register_lists(app, resource_type.endpoint, name)
    app.add_url_rule(path, f"{name}_create", create, methods=("POST",))
    app.add_url_rule(f"{path}/<id:resource_id>", f"{name}_item", item, methods=("GET", "PUT", "PATCH", "DELETE"))


def _register_lists(app: Flask, endpoint: str, name: str) -> None:
    def by_url() -> ResponseReturnValue:
        query = list_query(request.args.to_dict())
        return listed(case(query.projection), endpoint, query)

    def by_body() -> ResponseReturnValue:
        query = search_query(body()())
        return listed(case(query.projection), endpoint, query)

    path = SCIM_BASE + endpoint
    app.add_url_rule(path, f"{name}_list", by_url, methods=("GET",))
    app.add_url_rule(f"{path}/.search", f"{name}_search", by_body, methods=("POST",))


def _item(resource_type: ResourceType, cases: ModuleType, resource_id: str) -> Response:
    """GET, PUT, PATCH or DELETE of one resource; an unknown id is 404 before the body is looked into."""
    if "\0" in resource_id:
        raise not_found(_NOBODY.format(resource_type.name))  # PostgreSQL would not even look
    asked = case()
    found: Shown | None
    if request.method == "DELETE":
        if attempted(lambda: cases.delete(asked, resource_id)):
            return Response(status=204)
        found = None
    elif request.method in ("GET", "HEAD"):
        found = cases.fetch(asked, resource_id)
    else:
        write, sent = cases.put if request.method == "PUT" else cases.patch, body()
        found = attempted(lambda: write(asked, resource_id, sent))
    if found is None:
        raise not_found(_NOBODY.format(resource_type.name))
    return resource_answer(found)


def _not_supported() -> ResponseReturnValue:
    raise not_implemented("This is not supported; ServiceProviderConfig says what is.")
