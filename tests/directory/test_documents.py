"""Resources as clients see them: what is stored, with id, meta, groups and members."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from scim_bridge.directory.documents import etag, group_document, location, member_elements, user_document, user_etag
from scim_bridge.directory.memberships import Member
from scim_bridge.directory.model import Group, User
from scim_bridge.scim.resources import USER_TYPE

BASE = "https://scim.acme.test/scim/v2"
BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHANGED = datetime(2026, 3, 2, 9, 30, 15, 123_999, tzinfo=UTC)


def _user(**document: Any) -> User:
    return User("acme", "u1", {"userName": "ada", **document}, 3, BEGAN, CHANGED, active=True)


def _group() -> Group:
    return Group("acme", "g1", {"displayName": "Sales"}, 1, BEGAN, CHANGED)


def test_meta_says_what_when_where_and_which_version() -> None:
    assert user_document(_user(), (), BASE)["meta"] == {
        "resourceType": "User",
        "created": "2026-03-02T09:00:00.000Z",
        "lastModified": "2026-03-02T09:30:15.123Z",
        "location": f"{BASE}/Users/u1",
        "version": 'W/"3"',
    }


def test_the_entity_tag_is_the_version_of_meta() -> None:
    assert etag(_group()) == group_document(_group(), (), BASE)["meta"]["version"] == 'W/"1"'
    for groups in ([], [("g1", "Sales")]):
        assert user_etag(_user(), groups) == user_document(_user(), groups, BASE)["meta"]["version"]


def test_a_users_entity_tag_changes_with_the_row_and_with_the_groups_shown() -> None:
    """RFC 7644 3.14: the tag stands for all that is shown."""
    tags = [
        user_etag(_user(), []),
        user_etag(replace(_user(), version=4), []),
        user_etag(_user(), [("g1", "Sales")]),
        user_etag(_user(), [("g1", "Sales EMEA")]),
        user_etag(_user(), [("g2", "Sales")]),
        user_etag(_user(), [("g1", "Sales"), ("g2", "Sales")]),
    ]
    assert len(set(tags)) == len(tags)
    assert all(re.fullmatch(r'W/"[0-9a-f-]+"', tag) for tag in tags)


def test_the_same_groups_have_the_same_tag() -> None:
    assert user_etag(_user(), [("g1", "Sales")]) == user_etag(_user(), [("g1", "Sales")])


def test_the_location_is_the_endpoint_and_the_id() -> None:
    assert location(USER_TYPE, "u1", BASE) == f"{BASE}/Users/u1"


def test_the_id_and_meta_that_a_client_stored_do_not_count() -> None:
    document = user_document(_user(id="mine", meta={"version": "mine"}), (), BASE)
    assert (document["id"], document["meta"]["version"]) == ("u1", 'W/"3"')


def test_a_user_shows_the_groups_by_name_and_address() -> None:
    assert user_document(_user(), [("g1", "Sales")], BASE)["groups"] == [
        {"value": "g1", "$ref": f"{BASE}/Groups/g1", "display": "Sales", "type": "direct"}
    ]


def test_a_user_in_no_group_shows_none() -> None:
    assert "groups" not in user_document(_user(), (), BASE)


def test_a_group_shows_its_members_by_type_and_address() -> None:
    assert group_document(_group(), [Member("u1", "User"), Member("g2", "Group")], BASE)["members"] == [
        {"value": "u1", "$ref": f"{BASE}/Users/u1", "type": "User"},
        {"value": "g2", "$ref": f"{BASE}/Groups/g2", "type": "Group"},
    ]


def test_members_can_be_shown_apart_from_their_group() -> None:
    members = [Member("u1", "User"), Member("g2", "Group")]
    assert member_elements(members, BASE) == group_document(_group(), members, BASE)["members"]


@pytest.mark.parametrize(("microsecond", "shown"), [(0, "000"), (999, "000"), (1000, "001"), (999_999, "999")])
def test_a_time_has_three_decimals_and_no_offset(microsecond: int, shown: str) -> None:
    user = replace(_user(), created_at=BEGAN.replace(microsecond=microsecond))
    assert user_document(user, (), BASE)["meta"]["created"] == f"2026-03-02T09:00:00.{shown}Z"


def test_an_empty_group_shows_an_empty_list_only_when_members_were_asked_for() -> None:
    assert group_document(_group(), [], BASE)["members"] == []
    assert "members" not in group_document(_group(), None, BASE)


def test_the_stored_document_stays_as_it_was() -> None:
    user = _user()
    user_document(user, [("g1", "Sales")], BASE)["userName"] = "eve"
    assert user.document == {"userName": "ada"}
