"""The web application on a database of a test, and a SCIM client that speaks to it."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from scim_bridge.clock import utc_now
from scim_bridge.db.engine import connect, writing
from scim_bridge.directory import tokens
from scim_bridge.provisioning.policy import Policy, PortalPolicy, TenantPolicy
from scim_bridge.web.app import create_app
from scim_bridge.web.context import Parts
from tests.clock import SteppedClock

PUBLIC_URL = "https://scim.acme.test"
USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE_URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def one_tenant(url: str = "http://127.0.0.1:1/api/v1/", api_key: str = "simulator-key", **tenant: Any) -> Policy:
    """A policy of one tenant `acme` on one portal `acme`."""
    portal = PortalPolicy("acme", url, api_key)
    return Policy({"acme": portal}, {"acme": TenantPolicy("acme", "acme", **tenant)})


def bare_app() -> Flask:
    """The application on a database that is never opened: for its routes."""
    return create_app(Parts(connect("sqlite://"), one_tenant(), utc_now, PUBLIC_URL))


class ScimClient:
    """Sends SCIM requests with a tenant's token to the application in this process."""

    def __init__(self, engine: Engine, policy: Policy, clock: SteppedClock, tenant: str = "acme") -> None:
        self.app = create_app(Parts(engine, policy, clock, PUBLIC_URL))
        self._http: FlaskClient = self.app.test_client()
        with writing(engine) as connection:
            self.token = tokens.create(connection, tenant, "test", clock(), timedelta(days=365))

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """`path` is below /scim/v2; header names are written with underscores. A body is sent as SCIM JSON."""
        sent = {"Authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent.setdefault("Content-Type", "application/scim+json; charset=utf-8")
        data = body if body is None or isinstance(body, bytes) else self.app.json.dumps(body)
        return self._http.open(f"/scim/v2{path}", method=method, data=data, headers=sent)

    def user(self, user_name: str, **attributes: Any) -> str:
        """Create a user; gives the id."""
        body = {"schemas": [USER_URN], "userName": user_name, "active": True, **attributes}
        response = self.send("POST", "/Users", body)
        assert response.status_code == 201, response.text
        return str(response.json["id"])

    def group(self, display_name: str, *member_ids: str) -> str:
        """Create a group with members; gives the id."""
        members = [{"value": member_id} for member_id in member_ids]
        response = self.send(
            "POST", "/Groups", {"schemas": [GROUP_URN], "displayName": display_name, "members": members}
        )
        assert response.status_code == 201, response.text
        return str(response.json["id"])

    def patch(self, path: str, *operations: dict[str, Any]) -> TestResponse:
        """PATCH with these operations."""
        return self.send("PATCH", path, {"schemas": [PATCH_URN], "Operations": list(operations)})
