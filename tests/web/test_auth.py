"""The token decides the tenant; without a good one every route but discovery and health is the same 401."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from scim_bridge.db.engine import writing
from scim_bridge.directory import tokens
from tests.app import ScimClient, bare_app, one_tenant
from tests.web.database import watched
from tests.web.refusals import refused

PUBLIC = {
    "/livez",
    "/readyz",
    "/openapi.yaml",
    "/scim/v2/ServiceProviderConfig",
    "/scim/v2/serviceConfiguration",
    "/scim/v2/ResourceTypes",
    "/scim/v2/ResourceTypes/User",
    "/scim/v2/Schemas",
    "/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
}
ONE = {"ResourceTypes": "User", "Schemas": "urn:ietf:params:scim:schemas:core:2.0:User"}


def routes():
    """Every route with every verb; variables are filled with something that exists where the route is public."""
    for rule in bare_app().url_map.iter_rules():
        kind = rule.rule.split("/")[3] if rule.rule.count("/") > 2 else ""
        path = re.sub(r"<[^>]+>", ONE.get(kind, "1"), rule.rule)
        yield from ((verb, path) for verb in sorted(rule.methods or ()))


# Signed instead (tests/web/test_hooks.py).
HOOKS = {path for _, path in routes() if path.startswith("/hooks/")}
PROTECTED = [route for route in routes() if route[1] not in PUBLIC | HOOKS]


def created(engine, clock, tenant="acme"):
    with writing(engine) as connection:
        return tokens.create(connection, tenant, "test", clock(), timedelta(days=1))


def revoked(engine, clock):
    token = created(engine, clock)
    with writing(engine) as connection:
        assert tokens.revoke(connection, token[5:13], clock())
    return f"Bearer {token}"


def expired(engine, clock):
    token = created(engine, clock)
    clock.advance(days=1)
    return f"Bearer {token}"


BAD = {
    "none": lambda engine, clock: None,
    "empty": lambda engine, clock: "",
    "the word alone": lambda engine, clock: "Bearer ",
    "garbage": lambda engine, clock: "Bearer non-token",
    "no scheme word": lambda engine, clock: "non-token",
    "another scheme": lambda engine, clock: f"Basic {created(engine, clock)}",
    "not ASCII": lambda engine, clock: "Bearer caf\xe9",
    "a JWT": lambda engine, clock: "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
    "a blank behind": lambda engine, clock: f"Bearer {created(engine, clock)} ",
    "a blank inside": lambda engine, clock: f"Bearer {created(engine, clock)[:20]} {created(engine, clock)[20:]}",
    "two tokens": lambda engine, clock: f"Bearer non-token, Bearer {created(engine, clock)}",
    "the right id with another secret": lambda engine, clock: f"Bearer {other_secret(created(engine, clock))}",
    "a tenant that is not in the policy": lambda engine, clock: f"Bearer {created(engine, clock, 'umbrella')}",
    "revoked": revoked,
    "expired": expired,
}


def other_secret(token):
    """The same id, another secret and the checksum that goes with it."""
    body = token[:14] + "A" * 43
    return f"{body}_{tokens._checksum(body)}"


def asked(scim, method, path, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    return scim.app.test_client().open(path, method=method, headers=headers)


def test_there_are_routes_to_protect():
    assert {verb for verb, path in PROTECTED if path == "/scim/v2/Users/1"} > {"GET", "PUT", "PATCH", "DELETE"}
    assert {path for _, path in routes()} >= PUBLIC
    lists = {"", "/Users", "/Groups", "/.search", "/Users/.search", "/Groups/.search", "/Bulk", "/Me"}
    assert {path for _, path in PROTECTED} >= {f"/scim/v2{path}" for path in lists}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("reason", BAD)
def test_every_route_refuses_a_bad_token_with_one_and_the_same_answer(scim, engine, clock, reason):
    authorization = BAD[reason](engine, clock)
    expected = refused(asked(scim, "GET", "/scim/v2/Users", None), 401)
    for verb, path in PROTECTED:
        response = asked(scim, verb, path, authorization)
        assert response.status_code == 401, (verb, path)
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="scim"'
        assert verb == "HEAD" or refused(response, 401) == expected


@pytest.mark.parametrize("path", ["/scim%2Fv2/Users", "/scim/v2/Users/", "/scim/v2?aadOptscim062020/Users"])
def test_an_odd_path_is_no_way_around_the_token(scim, path):
    refused(asked(scim, "GET", path, None), 401)


def test_a_doubled_slash_at_the_start_is_no_way_around_the_token(scim):
    response = scim.app.test_client().get("/", environ_overrides={"PATH_INFO": "//scim/v2/Users"})
    refused(response, 401)


@pytest.mark.parametrize("word", ["Bearer ", "bearer ", "BEARER ", ""])
def test_the_scheme_word_may_be_in_any_letter_case_or_missing(scim, word):
    assert scim.send("GET", "/Users", Authorization=word + scim.token).status_code == 200


def test_a_token_counts_until_the_moment_it_expires(scim, engine, clock):
    token = created(engine, clock)
    clock.advance(days=1, microseconds=-1)
    assert scim.send("GET", "/Users", Authorization=token).status_code == 200
    clock.advance(microseconds=1)
    refused(scim.send("GET", "/Users", Authorization=token), 401)


def test_a_revoked_token_lives_four_seconds_at_most(scim, engine, clock):
    """It is remembered for so long; bad-inputs B13 wants it refused everywhere within five."""
    assert scim.send("GET", "/Users").status_code == 200
    with writing(engine) as connection:
        assert tokens.revoke(connection, scim.token[5:13], clock())
    clock.advance(seconds=3.9)
    assert scim.send("GET", "/Users").status_code == 200
    clock.advance(seconds=0.1)
    refused(scim.send("GET", "/Users"), 401)


def test_a_revoked_token_that_nobody_used_is_refused_at_once(scim, engine, clock):
    with writing(engine) as connection:
        assert tokens.revoke(connection, scim.token[5:13], clock())
    refused(scim.send("GET", "/Users"), 401)


def test_two_tokens_of_a_tenant_count_at_once(scim, engine, clock):
    scim.user("ana@acme.test")
    other = created(engine, clock)
    assert scim.send("GET", "/Users", Authorization=other).json["totalResults"] == 1


def test_a_mistyped_token_is_refused_without_a_look_into_the_database(scim, engine):
    with watched(engine) as work:
        refused(scim.send("GET", "/Users", Authorization=f"Bearer {scim.token[:-1]}-"), 401)
        refused(scim.send("GET", "/Users", Authorization=f"Bearer {scim.token[:-7]}_000000"), 401)
    assert work.on("tokens") == []


@pytest.mark.parametrize("path", sorted(PUBLIC))
@pytest.mark.parametrize("authorization", [None, "Bearer non-token"])
def test_discovery_and_health_need_no_token(scim, path, authorization):
    assert asked(scim, "GET", path, authorization).status_code == 200


def test_a_token_speaks_for_its_own_tenant_only(engine, clock):
    acme_only = one_tenant()
    tenants = {**acme_only.tenants, "umbrella": replace(acme_only.tenants["acme"], name="umbrella")}
    policy = replace(acme_only, tenants=tenants)
    acme, umbrella = (ScimClient(engine, policy, clock, tenant) for tenant in ("acme", "umbrella"))
    ana = acme.user("ana@acme.test")
    refused(umbrella.send("GET", f"/Users/{ana}"), 404)
    assert umbrella.send("GET", "/Users").json["totalResults"] == 0
