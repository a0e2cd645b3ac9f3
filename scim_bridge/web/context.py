"""What a request works with: the parts the app was built from, and the case of one authenticated request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, g, request
from sqlalchemy import Engine

from scim_bridge.provisioning.policy import Policy, TenantPolicy
from scim_bridge.scim.projection import Projection, projection

SCIM_BASE = "/scim/v2"
_PARTS = "scim_bridge"


@dataclass(frozen=True)
class Parts:
    """What the app is built from. `public_url` is the address IdPs use; None: whatever the request says."""

    engine: Engine
    policy: Policy
    clock: Callable[[], datetime]
    public_url: str | None


@dataclass(frozen=True)
class Case:
    """One authenticated request: whose it is, when, and what its answer should carry."""

    engine: Engine
    policy: TenantPolicy
    now: datetime
    base_url: str
    projection: Projection

    @property
    def tenant(self) -> str:
        """The tenant of the credential; nothing in the request can change it."""
        return self.policy.name


def parts() -> Parts:
    """The parts of the running app."""
    found = current_app.extensions[_PARTS]
    assert isinstance(found, Parts)  # noqa: S101 - set by create_app alone
    return found


def install(app: object, built: Parts) -> None:
    """Give the app its parts."""
    app.extensions[_PARTS] = built  # type: ignore[attr-defined]


def base_url() -> str:
    """The absolute base of all resource addresses."""
    return (parts().public_url or request.host_url.rstrip("/")) + SCIM_BASE


def case() -> Case:
    """The case of this request; `auth` has put the tenant there. Raises 400 for a contradictory projection."""
    asked = projection(request.args.get("attributes"), request.args.get("excludedAttributes"))
    return Case(parts().engine, parts().policy.tenants[g.tenant], parts().clock(), base_url(), asked)
