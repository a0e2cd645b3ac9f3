"""What the identity providers send, in the shapes they really use (the demo's people are made up).

Each function is one request and gives the answer's JSON; `Idp` adds the token and tells the story as it goes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import requests

from scim_bridge.demo.processes import DemoError, Running

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass(frozen=True)
class Person:
    """Somebody the demo tells of."""

    given: str
    family: str
    email: str

    @property
    def name(self) -> str:
        """The display name."""
        return f"{self.given} {self.family}"


@dataclass(frozen=True)
class Idp:
    """One provider speaking to the bridge."""

    name: str
    running: Running
    tell: Callable[[str], None]

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request; gives the JSON answer. Raises DemoError when it is not a success."""
        headers = {"Authorization": f"Bearer {self.running.token}", "Content-Type": "application/scim+json"}
        response = requests.request(method, self.running.scim + path, json=body, headers=headers, timeout=10)
        self.tell(f"{self.name:5} {method:6} {_short(path)}  ->  {response.status_code}")
        if not response.ok:
            raise DemoError(f"{self.name} was refused: {response.text}")
        return response.json() if response.content else None

    def find(self, kind: str, attribute: str, value: str, more: str = "") -> Any:
        """Look a resource up before creating it, as every provider does."""
        wanted = quote(f'{attribute} eq "{value}"')
        return self.send("GET", f"/{kind}?{more}filter={wanted}")["Resources"]

    def change(self, path: str, *operations: dict[str, Any]) -> Any:
        """PATCH."""
        return self.send("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})


def entra_creates_user(entra: Idp, person: Person, mail_nickname: str) -> str:
    """Look-up by userName, then POST with core and enterprise schema. Gives the id."""
    entra.find("Users", "userName", person.email)
    body = {
        "schemas": [USER, ENTERPRISE],
        "externalId": mail_nickname,
        "userName": person.email,
        "active": True,
        "displayName": person.name,
        "emails": [{"primary": True, "type": "work", "value": person.email}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": person.name, "familyName": person.family, "givenName": person.given},
        "phoneNumbers": [{"type": "mobile", "value": "+49 431 555011", "primary": True}],
        ENTERPRISE: {"employeeNumber": "10442", "department": "Docks"},
    }
    return str(entra.send("POST", "/Users", body)["id"])


def entra_creates_group(entra: Idp, display_name: str, object_id: str) -> str:
    """Look-up without members, then POST without members: Entra sends them later. Gives the id."""
    entra.find("Groups", "displayName", display_name, more="excludedAttributes=members&")
    schemas = [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"]
    body = {"schemas": schemas, "externalId": object_id, "displayName": display_name}
    return str(entra.send("POST", "/Groups", body | {"meta": {"resourceType": "Group"}})["id"])


def entra_adds(entra: Idp, group_id: str, user_id: str) -> None:
    """The default dialect: a capital Add, one member."""
    member = [{"$ref": None, "value": user_id}]
    entra.change(f"/Groups/{group_id}", {"op": "Add", "path": "members", "value": member})


def entra_removes(entra: Idp, group_id: str, user_id: str) -> None:
    """The default dialect: Remove with a value array, which means these and not everybody."""
    member = [{"$ref": None, "value": user_id}]
    entra.change(f"/Groups/{group_id}", {"op": "Remove", "path": "members", "value": member})


def okta_creates_user(okta: Idp, person: Person, okta_id: str) -> str:
    """Look-up by userName, then POST with a placeholder password and empty groups. Gives the id."""
    okta.find("Users", "userName", person.email, more="startIndex=1&count=100&")
    body = {
        "schemas": [USER],
        "userName": person.email,
        "name": {"givenName": person.given, "familyName": person.family},
        "emails": [{"primary": True, "value": person.email, "type": "work"}],
        "displayName": person.name,
        "locale": "en-US",
        "externalId": okta_id,
        "groups": [],
        "password": "q8Zt1vKd",
        "active": True,
    }
    return str(okta.send("POST", "/Users", body)["id"])


def okta_pushes_group(okta: Idp, display_name: str, members: dict[str, str]) -> str:
    """Create empty, send the name again, then add `members` (id to address). Gives the id."""
    okta.find("Groups", "displayName", display_name, more="startIndex=1&count=100&")
    group = okta.send("POST", "/Groups", {"schemas": [GROUP], "displayName": display_name, "members": []})
    path = f"/Groups/{group['id']}"
    okta.change(path, {"op": "replace", "value": {"id": group["id"], "displayName": display_name}})
    added = [{"value": user_id, "display": email} for user_id, email in members.items()]
    okta.change(path, {"op": "add", "path": "members", "value": added})
    return str(group["id"])


def okta_deactivates(okta: Idp, user_id: str) -> None:
    """The pathless replace of Okta's catalogue apps."""
    okta.change(f"/Users/{user_id}", {"op": "replace", "value": {"active": False}})


def _short(path: str) -> str:
    readable = unquote(path)
    return readable if len(readable) <= 84 else readable[:81] + "..."
