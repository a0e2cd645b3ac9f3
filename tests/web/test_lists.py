"""Lists and searches over HTTP: of one type and of all, by index and by cursor, in an order, and within their time."""

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.app import ENTERPRISE_URN, USER_URN
from tests.web.database import people
from tests.web.refusals import refused

SEARCH_URN = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


@pytest.fixture
def crowd(scim, clock):
    """Three users and two groups, a second apart; gives their ids by name."""
    made = {}
    for name, title in (("ana", "Pilot"), ("kim", None), ("bob", "Cook")):
        made[name] = scim.user(f"{name}@acme.test", displayName=name.upper(), **({"title": title} if title else {}))
        clock.advance(seconds=1)
    for name, members in (("crew", ("ana", "bob")), ("deck", ())):
        made[name] = scim.group(name.title(), *(made[member] for member in members))
        clock.advance(seconds=1)
    return made


def found(crowd, page):
    """The names of a page, in its order."""
    names = {identifier: name for name, identifier in crowd.items()}
    return [names[one["id"]] for one in page.json["Resources"]]


def searched(scim, path, **body):
    return scim.send("POST", f"{path}/.search", {"schemas": [SEARCH_URN], **body})


# The root


def test_the_root_lists_all_types_oldest_first(scim, crowd):
    for path in ("", "/"):
        page = scim.send("GET", path)
        assert found(crowd, page) == ["ana", "kim", "bob", "crew", "deck"]
        assert (page.json["schemas"], page.json["totalResults"], page.json["startIndex"]) == ([LIST_URN], 5, 1)
    assert {one["meta"]["resourceType"] for one in page.json["Resources"]} == {"User", "Group"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('meta.resourceType eq "Group"', ["crew", "deck"]),
        ('userName eq "ana@acme.test"', ["ana"]),
        ('displayName eq "crew"', ["crew"]),
        ('displayName eq "kim"', ["kim"]),
        ('userName eq "bob@acme.test" or displayName eq "DECK"', ["bob", "deck"]),
        ("members pr", ["crew"]),
        ("groups pr", ["ana", "bob"]),
        ("title pr", ["ana", "bob"]),
        ('title ne "Pilot"', ["kim", "bob", "crew", "deck"]),
        ("not (title pr)", ["kim", "crew", "deck"]),
        ('department eq "x"', []),
    ],
)
def test_a_filter_at_the_root_asks_all_types(scim, crowd, text, names):
    """What a type does not have has no value there (RFC 7644 section 3.4.2.1)."""
    assert found(crowd, scim.send("GET", f"/?filter={text}")) == names
    assert found(crowd, searched(scim, "", filter=text)) == names


def test_what_no_type_has_is_refused_at_the_root(scim, crowd):
    refused(scim.send("GET", '/?filter=bogus eq "x"'), 400, "invalidFilter")
    refused(scim.send("GET", "/?sortBy=bogus"), 400, "invalidValue")


def test_pages_at_the_root_go_through_all_types(scim, crowd):
    pages = [scim.send("GET", f"/?startIndex={start}&count=2") for start in (1, 3, 5)]
    assert [name for page in pages for name in found(crowd, page)] == ["ana", "kim", "bob", "crew", "deck"]
    assert {page.json["totalResults"] for page in pages} == {5}


# Searches by POST


@pytest.mark.parametrize("path", ["/Users", "/Groups", ""])
def test_a_search_finds_what_a_list_finds(scim, crowd, path):
    listed = scim.send("GET", f'{path}?filter=displayName sw "c" or displayName sw "a"&sortBy=displayName&count=1')
    asked = {"filter": 'displayName sw "c" or displayName sw "a"', "sortBy": "displayName", "count": 1}
    assert searched(scim, path, **asked).json == listed.json


@pytest.mark.parametrize("path", ["/Users", "/Groups", ""])
def test_a_search_shows_what_its_body_asks_for_and_not_what_its_address_says(scim, crowd, path):
    answer = scim.send(
        "POST", f"{path}/.search?attributes=meta", {"schemas": [SEARCH_URN], "attributes": ["displayName"]}
    )
    assert {frozenset(one) for one in answer.json["Resources"]} == {frozenset(("schemas", "id", "displayName"))}


@pytest.mark.parametrize("path", ["/Users", "/Groups", ""])
def test_a_search_that_is_not_understood_is_refused(scim, path):
    refused(scim.send("POST", f"{path}/.search", {}), 400, "invalidSyntax")
    refused(searched(scim, path, filter="x"), 400, "invalidFilter")
    refused(searched(scim, path, count="7"), 400, "invalidValue")
    refused(searched(scim, path, attributes=["id"], excludedAttributes=["meta"]), 400, "invalidValue")
    refused(scim.send("POST", f"{path}/.search", b"{"), 400, "invalidSyntax")
    refused(scim.send("POST", f"{path}/.search", b"{}", Content_Type="text/plain"), 415)


# In an order


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sortBy=title", ["bob", "ana", "kim"]),
        ("sortBy=title&sortOrder=descending", ["kim", "ana", "bob"]),
        ("sortBy=userName", ["ana", "bob", "kim"]),
        ("sortBy=meta.created&sortOrder=descending", ["bob", "kim", "ana"]),
        ("sortOrder=descending", ["ana", "kim", "bob"]),
    ],
)
def test_an_order_is_obeyed(scim, crowd, query, names):
    assert found(crowd, scim.send("GET", f"/Users?{query}")) == names
    assert walked(scim, crowd, f"/Users?{query}", 1) == names


@pytest.mark.parametrize(
    "name", ["bogus", "password", "name", "groups", "schemas", "meta.version", "emails.bogus", "members"]
)
def test_what_has_no_order_is_refused(scim, name):
    refused(scim.send("GET", f"/Users?sortBy={name}"), 400, "invalidValue")
    refused(searched(scim, "/Users", sortBy=name), 400, "invalidValue")


def test_an_order_may_be_by_any_name_of_an_attribute(scim, crowd):
    for name in ("TITLE", "urn:ietf:params:scim:schemas:core:2.0:User:title"):
        assert found(crowd, scim.send("GET", f"/Users?sortBy={name}")) == ["bob", "ana", "kim"]
    assert scim.send("GET", f"/Users?sortBy={ENTERPRISE_URN}:department").status_code == 200


# By cursor (RFC 9865)


def walked(scim, crowd, address, count):
    """The names on all pages, one after the other."""
    page = scim.send("GET", f"{address}&cursor=&count={count}")
    names = found(crowd, page)
    while "nextCursor" in page.json:
        assert page.json["itemsPerPage"] == count
        page = scim.send("GET", f"{address}&cursor={page.json['nextCursor']}")
        names += found(crowd, page)
    return names


@pytest.mark.parametrize("count", [1, 2, 3, 5, 200])
def test_all_pages_together_are_the_whole_list(scim, crowd, count):
    assert walked(scim, crowd, "/?x", count) == ["ana", "kim", "bob", "crew", "deck"]
    assert walked(scim, crowd, "/Users?filter=title pr", count) == ["ana", "bob"]
    assert walked(scim, crowd, "/Groups?sortBy=displayName&sortOrder=descending", count) == ["deck", "crew"]


def test_a_page_by_cursor_has_its_own_envelope(scim, crowd):
    page = scim.send("GET", "/Users?cursor=&count=2").json
    assert {key for key in page if key != "Resources"} == {"schemas", "totalResults", "itemsPerPage", "nextCursor"}
    last = scim.send("GET", f"/Users?cursor={page['nextCursor']}").json
    assert {key for key in last if key != "Resources"} == {"schemas", "totalResults", "itemsPerPage"}
    assert (page["totalResults"], last["totalResults"], last["itemsPerPage"]) == (3, 3, 1)


def test_a_search_goes_by_cursor_too(scim, crowd):
    first = searched(scim, "/Users", cursor="", count=2)
    second = searched(scim, "/Users", cursor=first.json["nextCursor"])
    assert [*found(crowd, first), *found(crowd, second)] == ["ana", "kim", "bob"]


def test_a_cursor_from_a_list_is_good_for_a_search_of_the_same(scim, crowd):
    first = scim.send("GET", "/Users?cursor&count=2&filter=userName pr")
    second = searched(scim, "/Users", cursor=first.json["nextCursor"], filter="userName pr")
    assert found(crowd, second) == ["bob"]


@pytest.mark.parametrize(
    "address", ["/Groups?", "/?", "/Users?filter=title pr&", "/Users?sortBy=id&", "/Users?sortOrder=descending&"]
)
def test_a_cursor_is_no_answer_to_another_question(scim, crowd, address):
    cursor = scim.send("GET", "/Users?cursor&count=1").json["nextCursor"]
    refused(scim.send("GET", f"{address}cursor={cursor}"), 400, "invalidCursor")


def test_a_cursor_holds_its_page_size(scim, crowd):
    cursor = scim.send("GET", "/Users?cursor&count=1").json["nextCursor"]
    assert len(scim.send("GET", f"/Users?cursor={cursor}&count=1").json["Resources"]) == 1
    refused(scim.send("GET", f"/Users?cursor={cursor}&count=2"), 400, "invalidCount")


def test_with_a_start_index_pages_go_by_index(scim, crowd):
    assert scim.send("GET", "/Users?cursor=x&startIndex=1").json["startIndex"] == 1


def test_what_changes_meanwhile_moves_nobody_else_to_another_page(scim, engine, clock):
    everyone = sorted(people(engine, clock, 9))
    page = scim.send("GET", "/Users?cursor&count=3").json
    scim.send("DELETE", f"/Users/{everyone[0]}")
    seen = [one["id"] for one in page["Resources"]]
    while "nextCursor" in page:
        page = scim.send("GET", f"/Users?cursor={page['nextCursor']}").json
        seen += [one["id"] for one in page["Resources"]]
    assert seen == everyone
    assert all(before < after for before, after in pairwise(seen))


# Searches that take too long


@pytest.fixture
def hurried(scim, engine, clock):
    """The application, with next to no time for a search that no index leads, and very many people."""
    people(engine, clock, 5_000)
    scim.app.extensions["scim_bridge"] = replace(scim.app.extensions["scim_bridge"], scan_seconds=0.001)
    return scim


SLOW = " or ".join(f'title co "{number}"' for number in range(40))


def test_a_search_that_takes_too_long_is_refused_with_what_would_be_quick(hurried):
    for query in ("", "&cursor=", "&sortBy=title"):
        refusal = refused(hurried.send("GET", f"/Users?filter={SLOW}{query}"), 400, "tooMany")
        assert "userName" in refusal["detail"]
    refused(searched(hurried, "/Users", filter=SLOW), 400, "tooMany")
    refused(hurried.send("GET", f"/?filter={SLOW}"), 400, "tooMany")


def test_what_an_index_leads_is_answered_all_the_same(hurried):
    refused(hurried.send("GET", f"/Users?filter={SLOW}"), 400, "tooMany")
    assert hurried.send("GET", '/Users?filter=userName eq "nobody"').json["totalResults"] == 0
    assert hurried.send("GET", "/Users?count=2").json["totalResults"] == 5_000
    assert hurried.send("POST", "/Users", {"schemas": [USER_URN], "userName": "ana"}).status_code == 201
