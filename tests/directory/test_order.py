"""Orders: what resources are sorted by, and where a page goes on. What comes out is held against the documents in
`test_search`."""

import pytest

from scim_bridge.directory.order import Position, Sort, beyond, is_led, ordering, sort_value
from scim_bridge.directory.scopes import GROUPS, USERS
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.resources import AMONG_USERS, AttributePath


def _path(name: str) -> AttributePath:
    path = AMONG_USERS.find(name)
    assert path is not None
    return path


def test_a_page_goes_on_behind_a_value_or_among_those_without() -> None:
    assert Position("1", "x").step == Position("1", False).step == Position("1", "").step == "after"
    assert Position("1").step == "after_missing"


@pytest.mark.parametrize(
    "name", ["members", "members.value", "groups.display", "schemas", "meta.version", "name", "meta"]
)
def test_what_has_no_order_is_an_invalid_value(name: str) -> None:
    kind = GROUPS if name.startswith("members") else USERS
    with pytest.raises(ScimError) as raised:
        sort_value(Sort(_path(name)), kind)
    assert (raised.value.status, raised.value.scim_type) == (400, "invalidValue")


def test_a_complex_attribute_is_sorted_by_its_value() -> None:
    for name in ("emails", "manager"):
        whole, part = sort_value(Sort(_path(name)), USERS), sort_value(Sort(_path(f"{name}.value")), USERS)
        assert str(whole) == str(part)


def test_what_another_type_has_is_missing_here() -> None:
    assert sort_value(Sort(_path("userName")), GROUPS) is None


@pytest.mark.parametrize("name", ["profileUrl", "photos.value", "roles.value", "x509Certificates.value"])
def test_what_is_too_long_for_a_cursor_is_not_sorted_by(name: str) -> None:
    with pytest.raises(ScimError, match="cannot be sorted by"):
        sort_value(Sort(_path(name)), USERS)


def test_without_an_order_resources_stand_by_their_ids() -> None:
    assert [str(part) for part in ordering(None, USERS.table.c.id, None)] == ["users.id ASC"]
    assert str(beyond(None, USERS.table.c.id, None, "after")) == "users.id > :after_id"


@pytest.mark.parametrize(("descending", "direction"), [(False, "ASC"), (True, "DESC")])
def test_the_id_decides_among_equal_ones_the_same_way_round(descending: bool, direction: str) -> None:
    sort = Sort(_path("title"), descending)
    parts = [str(part) for part in ordering(sort_value(sort, USERS), USERS.table.c.id, sort)]
    assert parts[-1] == f"users.id {direction}"
    assert all(part.endswith(direction) for part in parts)


@pytest.mark.parametrize(
    ("name", "led"),
    [
        ("id", True),
        ("userName", True),
        ("title", False),
        ("externalId", False),
        ("meta.created", False),
        ("emails", False),
    ],
)
def test_an_index_holds_users_by_id_and_by_name(name: str, led: bool) -> None:
    assert is_led(Sort(_path(name))) is is_led(Sort(_path(name), descending=True)) is led


def test_an_index_holds_groups_by_name() -> None:
    path = GROUPS.resource_type.find("displayName")
    assert path is not None
    assert is_led(Sort(path))


def test_an_order_by_a_key_is_the_order_of_its_index() -> None:
    """Nobody is without a userName: a term for those who are would keep the index from being used."""
    sort = Sort(_path("userName"))
    assert len(ordering(sort_value(sort, USERS), USERS.table.c.id, sort)) == 2
    assert len(ordering(sort_value(Sort(_path("title")), USERS), USERS.table.c.id, Sort(_path("title")))) == 3
