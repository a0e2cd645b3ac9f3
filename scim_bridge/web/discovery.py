"""Discovery: ServiceProviderConfig, ResourceTypes, Schemas, and the OpenAPI description. Readable without a token."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

from scim_bridge.provisioning.rules import needed_attributes
from scim_bridge.scim import discovery
from scim_bridge.scim.errors import ScimError, not_found
from scim_bridge.scim.queries import list_response
from scim_bridge.web.answers import answer
from scim_bridge.web.auth import public, tenant_if_known
from scim_bridge.web.context import SCIM_BASE, base_url, parts

Documents = Callable[[str], list[dict[str, Any]]]


def install(app: Flask) -> None:
    """The read-only routes of RFC 7644 section 4."""
    # Microsoft's collection asks for the second name (entra.md section 16).
    for path in ("ServiceProviderConfig", "serviceConfiguration"):
        app.add_url_rule(f"{SCIM_BASE}/{path}", path, service_provider_config)
    for name, documents in (("ResourceTypes", discovery.resource_types), ("Schemas", _schemas)):
        _register(app, name, documents)
    app.add_url_rule("/openapi.yaml", "openapi", openapi)


@public
def service_provider_config() -> Response:
    """What this server can do, truthfully."""
    _refuse_filter()
    return answer(discovery.service_provider_config(base_url(parts())))


@public
def openapi() -> Response:
    """The description of this interface."""
    text = Path(__file__).with_name("openapi.yaml").read_text("utf-8")
    return Response(text, content_type="application/yaml")


def _schemas(base: str) -> list[dict[str, Any]]:
    """A tenant that keeps only what it needs sees that much with its token; without one all that a tenant may keep."""
    built = parts()
    frugal = {tenant.name: tenant for tenant in built.policy.tenants.values() if tenant.attributes.store == "minimal"}
    policy = frugal.get(tenant_if_known(built) or "") if frugal else None
    return discovery.schemas(base, needed_attributes(policy) if policy else None)


def _register(app: Flask, name: str, documents: Documents) -> None:
    @public
    def every() -> Response:
        _refuse_filter()
        found = documents(base_url(parts()))
        return answer(list_response(found, len(found), 1))

    @public
    def one(document_id: str) -> Response:
        _refuse_filter()
        for document in documents(base_url(parts())):
            if document["id"].lower() == document_id.lower():
                return answer(document)
        raise not_found("There is no such document.")

    app.add_url_rule(f"{SCIM_BASE}/{name}", f"{name}_every", every)
    app.add_url_rule(f"{SCIM_BASE}/{name}/<document_id>", f"{name}_one", one)


def _refuse_filter() -> None:
    """A filter here is forbidden (RFC 7644 section 4)."""
    if any(name.lower() == "filter" for name in request.args):
        raise ScimError(403, "Discovery documents cannot be filtered.")
