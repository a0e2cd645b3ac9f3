"""Section G of the checklist, second half: sort and index paging (RFC 7644 sections 3.4.2.3 and 3.4.2.4)."""

import pytest

from tests.app import ENTERPRISE_URN
from tests.checklist.asking import names, on_both_databases
from tests.web.database import people as so_many
from tests.web.refusals import refused


@pytest.fixture
def people(scim, clock):
    """Five users, made a second apart."""
    given = {
        "cem": {
            "title": "beta",
            "name": {"familyName": "Reis"},
            "emails": [{"value": "z@x.test"}, {"value": "b@x.test", "primary": True}],
        },
        "Ana": {"title": "Alpha", "emails": [{"value": "c@x.test"}, {"value": "a@x.test"}]},
        "bob": {"title": "GAMMA", "name": {"familyName": "adler"}, "externalId": "B"},
        "dan": {"externalId": "a", ENTERPRISE_URN: {"employeeNumber": "2"}},
        "eve": {"name": {"givenName": "Eve"}, "emails": [{"value": "A@x.test", "primary": True}], "externalId": "A"},
    }
    for name, attributes in given.items():
        scim.user(name, **attributes)
        clock.advance(seconds=1)


def pages(scim, size, query=""):
    """Walk through all pages; gives the names on each."""
    start, walked = 1, []
    while page := names(scim.send("GET", f"/Users?startIndex={start}&count={size}{query}")):
        walked.append(page)
        start += len(page)
    return walked


@on_both_databases
def test_rfc_125_a_list_can_be_sorted_either_way(scim, people):
    for query, wanted in (
        ("sortBy=userName", ["Ana", "bob", "cem", "dan", "eve"]),
        ("sortBy=userName&sortOrder=ascending", ["Ana", "bob", "cem", "dan", "eve"]),
        ("sortBy=userName&sortOrder=descending", ["eve", "dan", "cem", "bob", "Ana"]),
        ("sortBy=USERNAME&sortOrder=Descending", ["eve", "dan", "cem", "bob", "Ana"]),
        ("sortBy=meta.created&sortOrder=descending", ["eve", "dan", "bob", "Ana", "cem"]),
        ("sortBy=urn:ietf:params:scim:schemas:core:2.0:User:userName", ["Ana", "bob", "cem", "dan", "eve"]),
    ):
        assert names(scim.send("GET", f"/Users?{query}")) == wanted, query


@on_both_databases
def test_rfc_126_missing_values_are_last_and_of_several_the_primary_or_first_counts(scim, people):
    for by, ascending, missing in (
        ("title", ["Ana", "cem", "bob"], {"dan", "eve"}),
        ("name.familyName", ["bob", "cem"], {"Ana", "dan", "eve"}),
        ("externalId", ["eve", "bob", "dan"], {"Ana", "cem"}),
        ("emails", ["eve", "cem", "Ana"], {"bob", "dan"}),
        ("emails.value", ["eve", "cem", "Ana"], {"bob", "dan"}),
        (f"{ENTERPRISE_URN}:employeeNumber", ["dan"], {"Ana", "bob", "cem", "eve"}),
    ):
        up = names(scim.send("GET", f"/Users?sortBy={by}"))
        down = names(scim.send("GET", f"/Users?sortBy={by}&sortOrder=descending"))
        assert (up[: len(ascending)], set(up[len(ascending) :])) == (ascending, missing), by
        assert (set(down[: len(missing)]), down[len(missing) :]) == (missing, ascending[::-1]), by


def test_rfc_128_counting_starts_at_one(scim, people):
    for start in ("", "startIndex=1", "startIndex=0", "startIndex=-7"):
        page = scim.send("GET", f"/Users?count=2&{start}").json
        assert (page["startIndex"], [one["userName"] for one in page["Resources"]]) == (1, ["cem", "Ana"])


def test_rfc_129_count_is_never_exceeded(scim, people):
    for count, given in ((0, 0), (-1, 0), (1, 1), (4, 4), (5, 5), (6, 5)):
        page = scim.send("GET", f"/Users?count={count}").json
        assert (page["totalResults"], page["itemsPerPage"], len(page["Resources"])) == (5, given, given)


def test_rfc_130_what_is_no_whole_number_is_refused(scim, people):
    for name in ("startIndex", "count"):
        for value in ("one", "1.5", "", "1e3", "0x1", "1 2", "²", "NaN"):
            refused(scim.send("GET", f"/Users?{name}={value}"), 400, "invalidValue")


def test_rfc_131_behind_the_end_is_an_empty_page(scim, people):
    for start in (6, 7, 10**6, 10**30):
        page = scim.send("GET", f"/Users?startIndex={start}&count=2").json
        assert (page["totalResults"], page["itemsPerPage"], page["Resources"]) == (5, 0, [])


@on_both_databases
def test_rfc_132_the_total_is_of_all_pages(scim, people):
    for query in ("", "?count=1", "?startIndex=4&count=2", "?count=0", "?startIndex=9"):
        assert scim.send("GET", f"/Users{query}").json["totalResults"] == 5
    assert scim.send("GET", "/Users?count=1&filter=active eq true").json["totalResults"] == 5
    assert scim.send("GET", '/Users?count=1&filter=userName eq "bob"').json["totalResults"] == 1


def test_rfc_133_items_per_page_says_how_many_are_here(scim, people):
    for query, here in (("?count=2", 2), ("?startIndex=5&count=2", 1), ("?startIndex=6", 0), ("", 5)):
        page = scim.send("GET", f"/Users{query}").json
        assert (page["itemsPerPage"], len(page["Resources"])) == (here, here)


@on_both_databases
def test_rfc_134_without_a_wish_the_order_is_the_same_on_every_page(scim, people):
    assert pages(scim, 2) == [["cem", "Ana"], ["bob", "dan"], ["eve"]]
    someone = scim.send("GET", '/Users?filter=userName eq "cem"').json["Resources"][0]["id"]
    scim.patch(f"/Users/{someone}", {"op": "add", "path": "title", "value": "Z"})
    assert pages(scim, 3) == [["cem", "Ana", "bob"], ["dan", "eve"]]


@on_both_databases
def test_rfc_135_a_larger_count_is_cut_without_a_word(scim, engine, clock, config):
    most = config["filter"]["maxResults"]
    so_many(engine, clock, most + 1)
    page = scim.send("GET", f"/Users?count={most + 1}&attributes=id").json
    assert (page["totalResults"], page["itemsPerPage"], len(page["Resources"])) == (most + 1, most, most)
