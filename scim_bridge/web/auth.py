"""Who is asking: the bearer token decides the tenant. Hangs on the matched endpoint and denies by default; every
refusal is the same 401, whatever was wrong."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, g, request

from scim_bridge.scim.errors import ScimError
from scim_bridge.web.context import Parts

View = TypeVar("View", bound=Callable[..., object])


def public(view: View) -> View:
    """Mark a view that needs no token: discovery and health."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def install(app: Flask, built: Parts) -> None:
    """Check every request that matched an endpoint."""

    def authenticate() -> None:
        view = app.view_functions.get(request.endpoint or "")
        # When no route matched, the answer is 404 or 405 and tells nothing.
        if view is not None and not getattr(view, "is_public", False):
            g.tenant = _tenant(built)

    app.before_request(authenticate)


def tenant_if_known(built: Parts) -> str | None:
    """The tenant of the token in the request, if it brings a valid one: for what is public but may differ."""
    presented = _presented()
    tenant = built.credentials.tenant_of(presented, built.clock()) if presented else None
    return tenant if tenant in built.policy.tenants else None


def _tenant(built: Parts) -> str:
    """The tenant of the token in the request. Raises 401."""
    tenant = tenant_if_known(built)
    if tenant is None:
        raise ScimError(401, "A valid bearer token is needed.")
    return tenant


def _presented() -> str:
    """`Bearer X` with the word in any letter case, or X alone: Okta's header mode sends what was typed (okta.md 13)."""
    header: str = request.environ.get("HTTP_AUTHORIZATION", "")
    word, blank, rest = header.partition(" ")
    return rest if blank and word.lower() == "bearer" else header
