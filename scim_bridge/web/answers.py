"""Answers: SCIM documents as HTTP responses, with their media type, ETag and Location."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response, request
from werkzeug.datastructures import Headers

from scim_bridge.scim.errors import ScimError
from scim_bridge.web.shown import Shown

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SCIM_JSON = "application/scim+json"


class Answer(Response):
    """An answer whose addresses are URIs as they stand: nothing in them has to be found out or escaped."""

    default_mimetype = SCIM_JSON
    autocorrect_location_header = False

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:  # noqa: ARG002 - the name is werkzeug's
        """werkzeug would parse and rebuild every address again, in each answer."""
        if self.is_sequence and self.status_code not in (204, 304):
            self.headers["Content-Length"] = str(sum(map(len, self.response)))
        return self.headers


def answer(document: dict[str, Any], status: int = 200) -> Response:
    """A document; the media type carries no charset, JSON is UTF-8 (RFC 7644 3.8)."""
    return Answer(orjson.dumps(document), status, content_type=SCIM_JSON)


def resource_answer(found: Shown, status: int = 200) -> Response:
    """One resource with its address and version; 204 when nothing is shown, 304 when the client has this version."""
    if request.method in ("GET", "HEAD") and is_same_version(request.headers.get("If-None-Match"), found.etag):
        response: Response = Answer(status=304)
    elif found.document is None:
        response = Answer(status=204, content_type=SCIM_JSON)
    elif found.members is None:
        response = answer(found.document, status)
    else:
        response = Answer(_resource_pieces(found), status, content_type=SCIM_JSON)
    response.headers["ETag"] = found.etag
    response.headers["Location"] = response.headers["Content-Location"] = found.address
    return response


def list_answer(envelope: dict[str, Any], page: Sequence[Shown]) -> Response:
    """A page in its envelope, whose `Resources` are still to be filled."""
    if any(found.members for found in page):
        return Answer(_list_pieces(envelope, page), content_type=SCIM_JSON)
    return answer({**envelope, "Resources": [found.document for found in page]})


def error_answer(error: ScimError) -> Response:
    """The SCIM error body; a 401 says how to authenticate (RFC 7644 2)."""
    response = answer(error.body(), error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="scim"'
    return response


def is_same_version(header: str | None, etag: str) -> bool:
    """Whether a header names the version. Weak comparison: SCIM's own examples compare weak tags (RFC 7644 3.14)."""
    if header is None:
        return False
    mine = etag.removeprefix("W/")
    return any(tag.strip() in ("*", mine, f"W/{mine}") for tag in header.split(","))


def _resource_pieces(found: Shown) -> Iterator[bytes]:
    """The document with its members at its end, as they are read."""
    document = orjson.dumps(found.document)
    if found.members is None:
        yield document
        return
    yield document[:-1] + b',"members":['
    comma = b""
    for piece in found.members():
        yield comma + orjson.dumps(piece)[1:-1]
        comma = b","
    yield b"]}"


def _list_pieces(envelope: dict[str, Any], page: Sequence[Shown]) -> Iterator[bytes]:
    rest = {key: value for key, value in envelope.items() if key != "Resources"}
    yield orjson.dumps(rest)[:-1] + b',"Resources":['
    for number, found in enumerate(page):
        yield b"," if number else b""
        yield from _resource_pieces(found)
    yield b"]}"
