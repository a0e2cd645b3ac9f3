"""The SCIM views: one list view and one item view, for every resource type alike."""

from types import ModuleType

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from scim_bridge.scim.errors import not_found, not_implemented
from scim_bridge.scim.messages import list_query, list_response
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE, ResourceType
from scim_bridge.web import groups, users
from scim_bridge.web.answers import answer, resource_answer
from scim_bridge.web.bodies import body
from scim_bridge.web.context import SCIM_BASE, case

ANY_VERB = ("GET", "POST", "PUT", "PATCH", "DELETE")


def blueprint() -> Blueprint:
    """Routes of Users and Groups, and of what is truthfully declared as not supported."""
    views = Blueprint("scim", __name__, url_prefix=SCIM_BASE)
    for resource_type, cases in ((USER_TYPE, users), (GROUP_TYPE, groups)):
        _register(views, resource_type, cases)
    for path, verbs in (("/Me", ANY_VERB), ("/Bulk", ("POST",)), ("/.search", ("POST",))):
        views.add_url_rule(path, f"not_supported{path}".replace(".", ""), _not_supported, methods=verbs)
    return views


def _register(views: Blueprint, resource_type: ResourceType, cases: ModuleType) -> None:
    path, name = resource_type.endpoint, resource_type.name

    def collection() -> ResponseReturnValue:
        return _create(resource_type, cases) if request.method == "POST" else _list(cases)

    def item(resource_id: str) -> ResponseReturnValue:
        return _item(resource_type, cases, resource_id)

    views.add_url_rule(path, f"{name}_collection", collection, methods=("GET", "POST"))
    views.add_url_rule(f"{path}/<resource_id>", f"{name}_item", item, methods=("GET", "PUT", "PATCH", "DELETE"))
    views.add_url_rule(f"{path}/.search", f"{name}_search", _not_supported, methods=("POST",))


def _list(cases: ModuleType) -> Response:
    query = list_query(request.args)
    total, resources = cases.page(case(), query)
    return answer(list_response(resources, total, query.start_index))


def _create(resource_type: ResourceType, cases: ModuleType) -> Response:
    resource, document = cases.create(case(), body)
    return resource_answer(resource, resource_type, document, 201)


def _item(resource_type: ResourceType, cases: ModuleType, resource_id: str) -> Response:
    """GET, PUT, PATCH or DELETE of one resource; an unknown id is 404 before the body is looked at."""
    asked = case()
    if request.method == "DELETE":
        if cases.delete(asked, resource_id):
            return Response(status=204)
    elif request.method in ("GET", "HEAD"):
        if found := cases.fetch(asked, resource_id):
            return resource_answer(found[0], resource_type, found[1])
    elif found := (cases.put if request.method == "PUT" else cases.patch)(asked, resource_id, body):
        return resource_answer(found[0], resource_type, found[1])
    raise not_found(f"There is no {resource_type.name} with this id.")


def _not_supported() -> ResponseReturnValue:
    raise not_implemented("This is not supported; ServiceProviderConfig says what is.")
