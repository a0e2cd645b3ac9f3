"""What answers show: a group's members, however many, in the same kind of answer; and no more than was asked for."""

import json

import pytest

from scim_bridge.web import shown
from tests.app import GROUP_URN, PATCH_URN, PUBLIC_URL
from tests.web.database import busy, people, watched

MEMBERS_AT_ONCE = 20
SEARCH_URN = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
PROJECTIONS = [
    "",
    "attributes=members",
    "attributes=members.value",
    "attributes=members.type,displayName",
    "attributes=displayName",
    "excludedAttributes=members",
    "excludedAttributes=members.type",
    "excludedAttributes=members.$ref,meta",
    "excludedAttributes=displayName",
]


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch):
    """A great group is one of more than 20 members here, which takes a fiftieth of the time to fill."""
    monkeypatch.setattr(shown, "MEMBERS_AT_ONCE", MEMBERS_AT_ONCE)


@pytest.fixture
def everyone(engine, clock):
    """One more person than a page holds members of."""
    return sorted(people(engine, clock, MEMBERS_AT_ONCE + 1))


@pytest.fixture
def crews(scim, everyone, clock):
    """The ids of a group that is just small enough to be held in memory, and of one that is not."""
    small = scim.group("Small", *everyone[:-1])
    clock.advance(seconds=1)
    return small, scim.group("Large", *everyone)


def shape(group):
    """A group without what tells two groups apart: each member stands for its number."""
    members = group.get("members")
    rest = {key: sorted(value) if isinstance(value, dict) else "" for key, value in group.items() if key != "members"}
    return rest, None if members is None else {tuple(sorted(member)) for member in members}


def ids(group):
    return [member["value"] for member in group["members"]]


@pytest.mark.parametrize("asked", PROJECTIONS)
def test_a_great_group_is_answered_like_a_small_one(scim, crews, everyone, asked):
    answers = [scim.send("GET", f"/Groups/{crew}?{asked}") for crew in crews]
    small, large = (answer.json for answer in answers)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].headers["Content-Type"] == answers[1].headers["Content-Type"] == "application/scim+json"
    assert shape(small) == shape(large)
    if "members" in large:
        assert len(large["members"]) == len(everyone)
    if "value" in large.get("members", [{}])[0]:
        assert (ids(small), ids(large)) == (everyone[:-1], everyone)


@pytest.mark.parametrize("asked", PROJECTIONS)
def test_great_groups_are_listed_like_small_ones(scim, crews, everyone, clock, asked):
    clock.advance(seconds=1)
    scim.group("Empty")
    page = scim.send("GET", f"/Groups?{asked}").json
    assert (page["totalResults"], page["itemsPerPage"], page["startIndex"]) == (3, 3, 1)
    small, large, empty = page["Resources"]
    assert shape(small) == shape(large)
    assert ("members" in empty) == ("members" in large)
    if "members" in large:
        assert [len(group["members"]) for group in page["Resources"]] == [len(everyone) - 1, len(everyone), 0]


def test_a_great_group_is_found_by_every_kind_of_list(scim, crews, everyone):
    body = {"schemas": [SEARCH_URN], "filter": 'displayName eq "large"', "attributes": ["members.value"]}
    address = '/Groups?filter=displayName eq "large"&attributes=members.value'
    answers = [
        scim.send("GET", address),
        scim.send("GET", f"{address}&cursor"),
        scim.send("POST", "/Groups/.search", body),
        scim.send("POST", "/.search", body),
    ]
    for answer in answers:
        assert [ids(group) for group in answer.json["Resources"]] == [everyone]


def test_members_of_several_groups_of_a_page_count_together(scim, everyone, clock):
    """Two groups that are small by themselves; the answer is the same, and memory holds no more than of one."""
    half, made = len(everyone) // 2, []
    for name, part in (("A", everyone[:half]), ("B", everyone[half:])):
        made.append(scim.group(name, *part))
        clock.advance(seconds=1)
    page = scim.send("GET", "/Groups").json["Resources"]
    assert [group["id"] for group in page] == made
    assert ids(page[0]) + ids(page[1]) == everyone


@pytest.mark.parametrize("path", ["/Groups/{0}", "/Groups/{1}", "/Groups"])
@pytest.mark.parametrize("asked", ["", "attributes=members.value", "excludedAttributes=members"])
def test_the_head_of_a_great_group_is_its_answer_without_the_body(scim, crews, path, asked):
    address = f"{path.format(*crews)}?{asked}"
    head, whole = scim.send("HEAD", address), scim.send("GET", address)
    assert (head.status_code, head.data) == (whole.status_code, b"") == (200, b"")
    for name in ("Content-Type", "ETag", "Location", "Content-Location"):
        assert head.headers.get(name) == whole.headers.get(name)


def test_a_great_group_has_its_version_and_address(scim, crews):
    answer = scim.send("GET", f"/Groups/{crews[1]}")
    address = f"{PUBLIC_URL}/scim/v2/Groups/{crews[1]}"
    assert (
        answer.headers["Location"] == answer.headers["Content-Location"] == answer.json["meta"]["location"] == address
    )
    assert answer.headers["ETag"] == answer.json["meta"]["version"]
    assert scim.send("GET", f"/Groups/{crews[1]}", If_None_Match=answer.headers["ETag"]).status_code == 304


def test_a_great_group_is_shown_by_a_write_too(scim, everyone):
    members = [{"value": one} for one in everyone]
    body = {"schemas": [GROUP_URN], "displayName": "Crew", "members": members}
    created = scim.send("POST", "/Groups", body)
    assert (created.status_code, ids(created.json)) == (201, everyone)
    address = f"/Groups/{created.json['id']}"
    assert ids(scim.send("PUT", address, body | {"displayName": "Deck"}).json) == everyone
    remove = {"op": "remove", "path": f'members[value eq "{everyone[0]}"]'}
    patched = scim.send("PATCH", f"{address}?attributes=members", {"schemas": [PATCH_URN], "Operations": [remove]})
    assert (patched.status_code, ids(patched.json)) == (200, everyone[1:])


def test_who_is_nobody_yet_is_in_no_piece(scim, everyone):
    crew = scim.group("Crew", *everyone, *(f"nobody-{number}" for number in range(MEMBERS_AT_ONCE)))
    assert ids(scim.send("GET", f"/Groups/{crew}").json) == everyone


def test_a_great_group_of_which_nobody_is_left_is_empty(scim):
    crew = scim.group("Crew", *(f"nobody-{number}" for number in range(MEMBERS_AT_ONCE + 1)))
    assert scim.send("GET", f"/Groups/{crew}").json["members"] == []


def test_members_are_read_in_pieces_with_no_transaction_between_them(scim, crews, engine):
    """A slow reader holds no snapshot and no connection."""
    headers = {"Authorization": f"Bearer {scim.token}"}
    with watched(engine) as work:
        answer = scim.app.test_client().get(f"/scim/v2/Groups/{crews[1]}", headers=headers, buffered=False)
        pieces, before = [], len(work.statements)
        for piece in answer.iter_encoded():
            pieces.append(piece)
            assert busy(engine) == 0
        assert len(work.statements) > before
    sizes = [piece.count(b'"value"') for piece in pieces]
    assert sum(sizes) == MEMBERS_AT_ONCE + 1
    assert max(sizes) == MEMBERS_AT_ONCE
    assert len(json.loads(b"".join(pieces))["members"]) == MEMBERS_AT_ONCE + 1


@pytest.mark.parametrize("asked", ["excludedAttributes=members", "attributes=displayName"])
def test_members_that_nobody_asks_for_are_not_read_however_many(scim, crews, engine, asked):
    with watched(engine) as work:
        scim.send("GET", f"/Groups/{crews[1]}?{asked}")
        scim.send("GET", f"/Groups?{asked}")
    assert work.on("memberships") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "asked", ["attributes=members.bogus", "excludedAttributes=members.value,members.$ref,members.type"]
)
def test_a_great_group_of_whose_members_nothing_is_shown_is_answered_like_a_small_one(scim, crews, asked):
    small, large = (json.loads(scim.send("GET", f"/Groups/{crew}?{asked}").data) for crew in crews)
    assert shape(small) == shape(large)
