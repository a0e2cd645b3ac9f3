"""What every refusal of ours looks like (RFC 7644 section 3.12), and what must never be in one."""

from typing import Any

from werkzeug.test import TestResponse

ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error"


def refused(response: TestResponse, status: int, scim_type: str | None = None) -> dict[str, Any]:
    """Assert that this is a SCIM error of that kind, without HTML or a traceback; gives its body."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/scim+json"
    body = dict(response.json)
    assert body["schemas"] == [ERROR_URN]
    assert body["status"] == str(status)
    assert body["detail"]
    assert body.get("scimType") == scim_type
    assert "Traceback" not in response.text
    assert "<" not in response.text
    return body
