"""Bodies: within the limit, of a JSON media type, not encoded."""

import io
import json

import pytest

from scim_bridge.web.bodies import MAX_BODY
from tests.app import USER_URN
from tests.web.database import busy, stored
from tests.web.refusals import refused

# What is read from the wire does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def padded(size):
    """A user as JSON of exactly `size` bytes."""
    return json.dumps({"schemas": [USER_URN], "userName": "ana@acme.test"}).encode().ljust(size)


class Unreadable(io.BytesIO):
    """A body that must not be read."""

    def read(self, _size=-1):
        raise AssertionError("the body was read")


def streamed(scim, stream, announced=None):
    """POST a body in chunks: its length is not known beforehand unless `announced`; the server marks its end."""
    sent = {"Authorization": f"Bearer {scim.token}", "Content-Type": "application/scim+json"}
    wire = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "" if announced is None else str(announced)}
    return scim.app.test_client().open(
        "/scim/v2/Users", method="POST", input_stream=stream, headers=sent, environ_overrides=wire
    )


def test_a_body_of_the_greatest_size_is_taken(scim):
    assert scim.send("POST", "/Users", padded(MAX_BODY)).status_code == 201


def test_a_body_one_byte_larger_is_refused(scim, engine):
    refused(scim.send("POST", "/Users", padded(MAX_BODY + 1)), 413)
    assert stored(engine)["users"] == 0


def test_a_body_that_is_announced_too_large_is_not_read(scim):
    refused(streamed(scim, Unreadable(), MAX_BODY + 1), 413)


def test_a_chunked_body_of_the_greatest_size_is_taken(scim):
    assert streamed(scim, io.BytesIO(padded(MAX_BODY))).status_code == 201


@pytest.mark.parametrize("behind", [b" ", b"x" * 500])
def test_a_chunked_body_beyond_the_limit_is_refused_and_not_cut(scim, engine, behind):
    refused(streamed(scim, io.BytesIO(padded(MAX_BODY) + behind)), 413)
    assert stored(engine)["users"] == 0


@pytest.mark.parametrize(
    "media_type",
    [
        "application/scim+json",
        "application/scim+json; charset=utf-8",
        "application/json",
        "Application/JSON;charset=UTF-8",
        "",
    ],
)
def test_json_is_taken_under_either_name_and_under_none(scim, media_type):
    assert scim.send("POST", "/Users", padded(100), Content_Type=media_type).status_code == 201


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json-patch+json",
    ],
)
def test_another_media_type_is_refused(scim, engine, media_type):
    refused(scim.send("POST", "/Users", padded(100), Content_Type=media_type), 415)
    assert stored(engine)["users"] == 0


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip"])
def test_an_encoded_body_is_refused(scim, encoding):
    refused(scim.send("POST", "/Users", padded(100), Content_Encoding=encoding), 415)


def test_the_encoding_identity_is_none(scim):
    assert scim.send("POST", "/Users", padded(100), Content_Encoding="Identity").status_code == 201


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b'{"userName": NaN}', "{}".encode("utf-16")])
def test_what_is_no_json_object_is_refused(scim, raw):
    refused(scim.send("POST", "/Users", raw), 400, "invalidSyntax")


@pytest.mark.parametrize("path", ["/Users/unknown", "/Groups/unknown"])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_body_that_cannot_be_read_is_told_before_an_unknown_id(scim, method, path):
    """It is read before anything is looked up, so that no transaction waits for a slow client."""
    refused(scim.send(method, path, padded(MAX_BODY + 1)), 413)
    refused(scim.send(method, path, b"{}", Content_Type="text/plain"), 415)
    refused(scim.send(method, path, b"{}", Content_Encoding="gzip"), 415)


@pytest.mark.parametrize("path", ["/Users/unknown", "/Groups/unknown"])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"userName": NaN}', b"{}"])
def test_what_a_body_says_is_looked_into_after_an_unknown_id(scim, method, path, raw):
    """Design, section 8: 404 first."""
    refused(scim.send(method, path, raw), 404)


class Watching(io.BytesIO):
    """A body that tells how many connections were busy while it was read."""

    def __init__(self, raw, engine):
        super().__init__(raw)
        self._engine, self.busy = engine, []

    def read(self, size=-1):
        self.busy.append(busy(self._engine))
        return super().read(size)


def test_no_transaction_is_open_while_a_body_is_read(scim, engine):
    body = Watching(padded(100), engine)
    assert streamed(scim, body).status_code == 201
    assert body.busy
    assert set(body.busy) == {0}


def test_a_request_without_a_body_may_name_a_media_type(scim):
    assert scim.send("GET", "/Users", Content_Type="text/plain").status_code == 200
