"""What a request works with: the parts the app was built from, and the case of one authenticated request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app, g, request
from sqlalchemy import Engine

from scim_bridge.provisioning.policy import Policy, TenantPolicy
from scim_bridge.scim.projection import Projection, projection
from scim_bridge.web.credentials import Credentials
from scim_bridge.web.cursors import Cursors

SCIM_BASE = "/scim/v2"
_PARTS = "scim_bridge"


@dataclass(frozen=True)
class Parts:
    """What the app is built from. `public_url` is the address IdPs use; None: whatever the request says. A search that
    no index leads may take `scan_seconds`."""

    engine: Engine
    policy: Policy
    clock: Callable[[], datetime]
    public_url: str | None
    scan_seconds: float = 1.0
    credentials: Credentials = field(init=False)
    cursors: Cursors = field(init=False)

    def now(self) -> datetime:
        """To the millisecond, as times are shown: what a client has read compares equal to what is stored."""
        now = self.clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def __post_init__(self) -> None:
        """What is made from the engine alone."""
        object.__setattr__(self, "credentials", Credentials(self.engine))
        object.__setattr__(self, "cursors", Cursors(self.engine))


@dataclass(frozen=True)
class Case:
    """One authenticated request: whose it is, when, what its answer should carry, and which version it demands.

    `if_match` and `if_none_match` are the headers' texts or None; an operation of a bulk request has a version of its
    own (RFC 7644 3.7).
    """

    parts: Parts
    policy: TenantPolicy
    now: datetime
    base_url: str
    projection: Projection
    if_match: str | None = None
    if_none_match: str | None = None

    @property
    def engine(self) -> Engine:
        """Where everything is kept."""
        return self.parts.engine

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


def base_url(built: Parts) -> str:
    """The absolute base of all resource addresses."""
    return (built.public_url or request.host_url.rstrip("/")) + SCIM_BASE


def case(asked: Projection | None = None) -> Case:
    """The case of this request; `auth` has put the tenant there. A search says in its body what to show, all others in
    the address. Raises 400 for a contradictory projection."""
    built = parts()
    if asked is None:
        args = {name.lower(): value for name, value in request.args.items()}
        asked = projection(args.get("attributes"), args.get("excludedattributes"))
    # Straight from the environ: werkzeug raises and catches an error for each header that is not there.
    policy, sent = built.policy.tenants[g.tenant], request.environ
    versions = sent.get("HTTP_IF_MATCH"), sent.get("HTTP_IF_NONE_MATCH")
    return Case(built, policy, built.now(), base_url(built), asked, *versions)
