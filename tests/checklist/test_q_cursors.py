"""Section Q of the checklist: cursor pagination (RFC 9865)."""

import re

import pytest

from tests.checklist.asking import names, on_both_databases
from tests.web.refusals import refused


@pytest.fixture
def people(scim, clock):
    """Five users, made a second apart."""
    for name in ("cem", "ana", "eve", "bob", "dan"):
        scim.user(name)
        clock.advance(seconds=1)


def page(scim, cursor="", query="&count=2"):
    return scim.send("GET", f"/Users?cursor={cursor}{query}")


def walk(scim, query="&count=2"):
    """All pages, each as its answer."""
    answers = [page(scim, "", query)]
    while cursor := answers[-1].json.get("nextCursor"):
        answers.append(page(scim, cursor, query))
    return answers


@on_both_databases
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("&count=2", [["cem", "ana"], ["eve", "bob"], ["dan"]]),
        ("&count=3&sortBy=userName&sortOrder=descending", [["eve", "dan", "cem"], ["bob", "ana"]]),
        ('&count=1&filter=userName lt "c"', [["ana"], ["bob"]]),
    ],
)
def test_rfc_237_an_empty_cursor_begins_and_the_last_page_has_no_next_one(scim, people, query, wanted):
    answers = walk(scim, query)
    assert [names(answer) for answer in answers] == wanted
    assert "nextCursor" not in answers[-1].json


@on_both_databases
def test_rfc_237_nobody_is_lost_or_doubled_when_the_list_changes_meanwhile(scim, people, clock):
    first = page(scim)
    gone = first.json["Resources"][0]["id"]
    scim.send("DELETE", f"/Users/{gone}")
    clock.advance(seconds=1)
    scim.user("fay")
    rest = [names(first)]
    answer = first
    while cursor := answer.json.get("nextCursor"):
        answer = page(scim, cursor)
        rest.append(names(answer))
    assert [name for one in rest for name in one] == ["cem", "ana", "eve", "bob", "dan", "fay"]


def test_rfc_238_the_first_page_has_nothing_before_it(scim, people):
    first = page(scim)
    assert first.json["nextCursor"]
    assert "previousCursor" not in first.json


def test_rfc_239_a_cursor_is_opaque_and_safe_in_an_address(scim, people):
    cursor = page(scim).json["nextCursor"]
    assert re.fullmatch(r"[A-Za-z0-9\-._~]+", cursor)
    assert "cem" not in cursor


@pytest.mark.parametrize("count", ["-1", "1000000"])
def test_rfc_240_a_count_out_of_bounds_is_refused(scim, people, count):
    assert page(scim).json["nextCursor"]
    refused(page(scim, "", f"&count={count}"), 400, "invalidCount")


def test_rfc_240_a_count_holds_for_the_whole_walk(scim, people, config):
    cursor = page(scim).json["nextCursor"]
    refused(page(scim, cursor, "&count=3"), 400, "invalidCount")
    assert len(names(page(scim, "", f"&count={config['pagination']['maxPageSize']}"))) == 5
    assert page(scim, "", "&count=0").json["Resources"] == []


@pytest.mark.parametrize(
    "other",
    ['&count=2&filter=userName eq "ana"', "&count=2&sortBy=userName", "&count=2&sortOrder=descending&sortBy=id"],
)
def test_rfc_241_a_cursor_belongs_to_its_query(scim, people, other):
    refused(page(scim, page(scim).json["nextCursor"], other), 400, "invalidCursor")


def test_rfc_241_a_cursor_of_users_is_none_of_groups(scim, people):
    cursor = page(scim).json["nextCursor"]
    refused(scim.send("GET", f"/Groups?cursor={cursor}&count=2"), 400, "invalidCursor")


@pytest.mark.parametrize("wrong", ["x", "AAAA", "1", "~", "-", "a.b.c", "x" * 5000])
def test_rfc_242_a_cursor_nobody_gave_is_refused(scim, people, wrong):
    refused(page(scim, wrong), 400, "invalidCursor")


def test_rfc_242_a_changed_cursor_is_refused(scim, people):
    cursor = page(scim).json["nextCursor"]
    for place in (0, len(cursor) // 2, len(cursor) - 3):  # the last letter may carry no bit that counts
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        refused(page(scim, changed), 400, "invalidCursor")


def test_rfc_242_an_old_cursor_has_expired(scim, people, clock, config):
    cursor = page(scim).json["nextCursor"]
    clock.advance(seconds=config["pagination"]["cursorTimeout"] + 1)
    refused(page(scim, cursor), 400, "expiredCursor")


def test_rfc_243_pages_by_number_are_the_default(scim, people, config):
    assert config["pagination"]["defaultPaginationMethod"] == "index"
    for query in ("", "?count=2", "?startIndex=1&count=2"):
        assert "nextCursor" not in scim.send("GET", f"/Users{query}").json
        assert scim.send("GET", f"/Users{query}").json["startIndex"] == 1
    assert page(scim).json["nextCursor"]


def test_rfc_244_a_total_that_is_given_is_true(scim, people):
    answers = walk(scim)
    assert len(answers) == 3
    assert {answer.json.get("totalResults", 5) for answer in answers} == {5}


@on_both_databases
def test_rfc_245_a_cursor_opens_nothing(tenants):
    for name in ("ana", "bob", "cem"):
        tenants.acme.user(name)
        tenants.umbrella.user(name)
    cursor = page(tenants.acme, "", "&count=1").json["nextCursor"]
    refused(tenants.acme.send("GET", f"/Users?cursor={cursor}&count=1", Authorization="Bearer nonsense"), 401)
    theirs, garbage = page(tenants.umbrella, cursor, "&count=1"), page(tenants.umbrella, "garbage", "&count=1")
    assert refused(theirs, 400, "invalidCursor") == refused(garbage, 400, "invalidCursor")


@on_both_databases
def test_rfc_246_a_search_takes_a_cursor_too(scim, people):
    search = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "count": 3}
    first = scim.send("POST", "/Users/.search", {**search, "cursor": ""})
    second = scim.send("POST", "/Users/.search", {**search, "cursor": first.json["nextCursor"]})
    assert (names(first), names(second)) == (["cem", "ana", "eve"], ["bob", "dan"])
    assert "nextCursor" not in second.json
