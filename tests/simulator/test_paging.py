"""Lists and their pages (hexnode-api.md section 3)."""

import pytest

from .conftest import KEY


@pytest.fixture
def many(call):
    """251 users in all: the Default User and 250 more."""
    assert call.control("POST", "fixture", {"users": 250}).status_code == 204


@pytest.mark.parametrize(
    ("query", "rows"),
    [("", 100), ("per_page=250", 250), ("per_page=251", 250), ("per_page=7", 7), ("per_page=0", 100)],
)
def test_a_page_has_100_rows_by_default_and_250_at_most(call, many, query, rows):
    assert len(call("GET", f"users/?{query}").json()["results"]) == rows


def test_following_next_reads_every_row_once(call, many):
    url, seen = f"{call.url}/api/v1/users/?per_page=90", []
    while url:
        answer = call.send("GET", url, headers={"Authorization": KEY}).json()
        seen += [row["id"] for row in answer["results"]]
        url = answer["next"]
    assert sorted(seen) == list(range(1, 252))


def test_the_links_are_absolute_and_keep_the_other_parameters(call, many):
    answer = call("GET", "users/?per_page=100&page=2").json()
    assert answer["next"] == f"{call.url}/api/v1/users/?per_page=100&page=3"
    assert answer["previous"] == f"{call.url}/api/v1/users/?per_page=100&page=1"


@pytest.mark.parametrize(("page", "status"), [("3", 200), ("4", 404), ("0", 404), ("-1", 404), ("x", 404)])
def test_there_is_no_page_past_the_last(call, many, page, status):
    answer = call("GET", f"users/?page={page}")
    assert answer.status_code == status
    assert status == 200 or answer.json() == {"detail": "Invalid page."}


def test_an_empty_list_has_one_page(call):
    assert call("GET", "devices/?page=1").json()["results"] == []
    assert call("GET", "devices/?page=2").status_code == 404
