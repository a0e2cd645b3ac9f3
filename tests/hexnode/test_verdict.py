"""What an HTTP answer means for a read and for a write."""

import json
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from scim_bridge.hexnode.errors import KeyRefused, Rejected, Throttled, Uncertain, Unreachable
from scim_bridge.hexnode.verdict import Answer, fault_of, fault_of_final


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    named = CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Answer(status, named, content)


def without_secret(text: str) -> str:
    return text.replace("s3cret", "***")


def fault(status: int, body: Any = None, write: bool = False, **headers: str):
    return fault_of(answer(status, body, **headers), write, without_secret)


def final(status: int, body: Any = None, **headers: str):
    return fault_of_final(answer(status, body, **headers), without_secret)


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_success_with_or_without_a_body(status, write):
    assert fault(status, None, write) is None
    assert fault(status, {"id": 1}, write) is None


@pytest.mark.parametrize("content", [b"<html>sign in</html>", b"OK", b'{"id": 7', b"\xff\xfe\x00", b"[" * 100_000])
def test_a_2xx_that_is_not_json_proves_nothing(content):
    assert type(fault(200, content, write=True)) is Uncertain
    assert type(fault(200, content, write=False)) is Unreachable


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599])
def test_server_trouble_leaves_a_write_uncertain_and_a_read_to_be_repeated(status):
    assert type(fault(status, b"<h1>Bad gateway</h1>", write=True)) is Uncertain
    assert type(fault(status, b"<h1>Bad gateway</h1>", write=False)) is Unreachable


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize("status", [401, 403])
def test_401_and_403_mean_that_the_key_is_refused(status, write):
    refusal = fault(status, {"detail": "Invalid token."}, write)
    assert (type(refusal), refusal.status, refusal.detail) == (KeyRefused, status, "Invalid token.")


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize("status", [400, 404, 405, 409, 422])
def test_any_other_4xx_is_a_refusal(status, write):
    refusal = fault(status, {"detail": "Not found."}, write)
    assert (type(refusal), refusal.status, refusal.detail) == (Rejected, status, "Not found.")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused_for_a_write_and_trouble_for_a_read_and_names_the_host(status):
    for write, kind in ((True, Rejected), (False, Unreachable)):
        error = fault(status, b"", write, Location="https://login.acme.test/next?k=s3cret")
        assert type(error) is kind
        assert "redirected to login.acme.test, not followed" in error.detail


@pytest.mark.parametrize(
    ("headers", "detail", "seconds"),
    [
        ({"Retry_After": "12"}, "Expected available in 57.0 seconds.", 12.0),
        ({"Retry_After": "0.5"}, "", 0.5),
        ({}, "Request was throttled. Expected available in 57.0 seconds.", 57.0),
        ({}, "Request was throttled. Expected available in 1 second.", 1.0),
        ({}, "Request was throttled.", 60.0),
        ({"Retry_After": "soon"}, "", 60.0),
        ({"Retry_After": "-5"}, "", 60.0),
        ({"Retry_After": "nan"}, "", 60.0),
        ({"Retry_After": "99999999"}, "", 86_400.0),
        ({"Date": "Fri, 20 Nov 2026 11:00:00 GMT", "Retry_After": "Fri, 20 Nov 2026 11:00:45 GMT"}, "", 45.0),
        ({"Retry_After": "Fri, 20 Nov 2026 11:00:45 GMT"}, "", 60.0),
    ],
)
def test_a_throttled_call_says_how_long_to_wait(headers, detail, seconds):
    throttled = fault(429, {"detail": detail}, **headers)
    assert type(throttled) is Throttled
    assert throttled.retry_after == seconds


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"email": ["user with this email already exists."]}, "email: user with this email already exists."),
        ({"non_field_errors": ["a", "b"]}, "non_field_errors: a; b"),
        ([{"name": ["required"]}], "name: required"),
        ("plain", "plain"),
        (b"<!DOCTYPE html><html><body>Not Found</body>", "an HTML page"),
        (b"not\njson\x00\x1b[31m at all", "not json[31m at all"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (None, "nothing said"),
        ({}, "nothing said"),
        ({"detail": "key s3cret is wrong"}, "key *** is wrong"),
        (b"key s3cret is wrong", "key *** is wrong"),
    ],
)
def test_every_form_of_error_body_becomes_one_short_line_without_secrets(body, said):
    assert fault(400, body).detail == said


def test_a_secret_at_the_cut_is_not_shown_in_part():
    assert "s3c" not in fault(400, {"detail": "x" * 297 + "s3cret"}).detail


# What cannot be taken back


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("body", [None, {}, {"id": 1}, []])
def test_any_2xx_in_json_or_without_a_body_is_done(body, status):
    assert final(status, body) is None


@pytest.mark.parametrize("body", [b"<h1>Not here</h1>", None, b"no", b'{"detail": "cut', "a text", 7])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409])
def test_a_4xx_that_is_not_hexnode_s_own_word_refuses_nothing(status, body):
    assert type(final(status, body)) is Uncertain


@pytest.mark.parametrize("body", [{"detail": "No."}, {"devices": ["No."]}, [{"detail": "No."}]])
@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 422])
def test_a_4xx_in_json_refuses(status, body):
    refusal = final(status, body)
    assert (type(refusal), refusal.status) == (Rejected, status)


@pytest.mark.parametrize("body", [{"detail": "Moved."}, b"<html></html>", None])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_what_cannot_be_taken_back_refuses_nothing_and_names_the_host(status, body):
    doubt = final(status, body, Location="https://login.acme.test/next?k=s3cret")
    assert type(doubt) is Uncertain
    assert "redirected to login.acme.test, not followed" in doubt.detail


@pytest.mark.parametrize("body", [{"detail": "No."}, b"<html></html>", None])
@pytest.mark.parametrize("status", [200, 408, 500, 502, 503, 504])
def test_server_trouble_and_a_page_in_place_of_an_answer_leave_it_in_doubt(status, body):
    in_doubt = status != 200 or body == b"<html></html>"
    assert isinstance(final(status, body), Uncertain) is in_doubt


@pytest.mark.parametrize("body", [{"detail": "Throttled."}, b"<html></html>", None])
def test_a_throttled_call_had_no_effect_in_whatever_words(body):
    assert type(final(429, body, Retry_After="12")) is Throttled


def test_a_401_is_the_key_s_and_a_403_is_not():
    assert type(final(401, {"detail": "Invalid token."})) is KeyRefused
    assert type(final(403, {"detail": "You do not have permission."})) is Rejected


def test_no_secret_is_in_what_is_said_of_it():
    for status in (200, 302, 400, 403, 404, 429, 500):
        for body in ({"detail": "s3cret"}, b"it is s3cret", b"<p>s3cret</p>"):
            assert "s3c" not in str(final(status, body, Location="https://s3cret/"))
