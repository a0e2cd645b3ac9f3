"""Answers: SCIM documents as HTTP responses, with their media type, ETag and Location."""

import json
from typing import Any

from flask import Response, request

from scim_bridge.directory.documents import etag, location
from scim_bridge.directory.model import Resource
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.resources import ResourceType
from scim_bridge.web.context import base_url

SCIM_JSON = "application/scim+json"


def answer(document: dict[str, Any], status: int = 200) -> Response:
    """A document; the media type carries no charset, JSON is UTF-8 (RFC 7644 3.8)."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, content_type=SCIM_JSON)


def resource_answer(
    resource: Resource, resource_type: ResourceType, document: dict[str, Any] | None, status: int = 200
) -> Response:
    """One resource with its address and version; 204 when `document` is None, 304 when the client has this version."""
    response = Response(status=204, content_type=SCIM_JSON) if document is None else answer(document, status)
    response.headers["ETag"] = etag(resource)
    response.headers["Location"] = response.headers["Content-Location"] = location(
        resource_type, resource.id, base_url()
    )
    if request.method in ("GET", "HEAD") and _same_version(request.headers.get("If-None-Match"), resource):
        response.status_code, response.data = 304, b""
    return response


def error_answer(error: ScimError) -> Response:
    """The SCIM error body; a 401 says how to authenticate (RFC 7644 2)."""
    response = answer(error.body(), error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="scim"'
    return response


def check_version(resource: Resource) -> None:
    """Raise 412 when the request demands a version that the resource does not have (RFC 7644 3.14)."""
    wanted = request.headers.get("If-Match")
    if wanted is not None and not _same_version(wanted, resource):
        raise ScimError(412, "The resource has been changed: read it again.")


def _same_version(header: str | None, resource: Resource) -> bool:
    """Weak comparison: SCIM's own examples compare weak tags (RFC 7644 3.14)."""
    if header is None:
        return False
    mine = etag(resource).removeprefix("W/")
    return any(tag.strip() in ("*", mine, f"W/{mine}") for tag in header.split(","))
