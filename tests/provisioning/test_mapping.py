"""What a User and a Group become at Hexnode."""

from datetime import UTC, datetime
from typing import Any

import pytest

from scim_bridge.directory.model import Group
from scim_bridge.provisioning.mapping import LONGEST_NAME, Profile, Target, profile_of, target_of
from scim_bridge.provisioning.policy import Attributes
from scim_bridge.scim.path import parse_path
from scim_bridge.scim.resources import USER_TYPE
from tests.provisioning.acme import policy

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
NAME = {"givenName": "Ada", "familyName": "Lovelace"}


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ({"displayName": "Countess", "name": NAME}, "Countess"),
        ({"displayName": "", "name": NAME}, "Ada Lovelace"),
        ({"name": {**NAME, "formatted": "Augusta Ada King"}}, "Augusta Ada King"),
        ({"name": {"familyName": "Lovelace"}}, "Lovelace"),
        ({"name": {"honorificPrefix": "Lady"}}, "ada"),
        ({}, "ada"),
    ],
)
def test_the_name_is_the_best_that_the_person_has(document: dict[str, Any], name: str) -> None:
    assert profile_of({"userName": "ada", **document}).name == name


@pytest.mark.parametrize(("length", "kept"), [(LONGEST_NAME, LONGEST_NAME), (LONGEST_NAME + 1, LONGEST_NAME)])
def test_a_name_is_cut_at_its_bound(length: int, kept: int) -> None:
    assert len(profile_of({"userName": "ada", "displayName": "x" * length}).name) == kept


@pytest.mark.parametrize(
    ("emails", "email"),
    [
        ([{"value": "w@acme.test", "type": "work"}, {"value": "p@acme.test", "primary": True}], "p@acme.test"),
        ([{"value": "h@acme.test", "type": "home"}, {"value": "w@acme.test", "type": "work"}], "w@acme.test"),
        ([{"value": "h@acme.test", "type": "home"}, {"value": "o@acme.test", "type": "other"}], "h@acme.test"),
        ([{"value": "nonsense", "primary": True}, {"value": "h@acme.test"}], "h@acme.test"),
        ([{"type": "work"}], "ada@acme.test"),
        ([], "ada@acme.test"),
    ],
)
def test_the_address_is_the_primary_else_a_work_one_else_the_first_else_the_user_name(
    emails: list[dict[str, Any]], email: str
) -> None:
    assert profile_of({"userName": "ada@acme.test", "emails": emails}).email == email


@pytest.mark.parametrize("user_name", ["ada", "ada@", "@acme.test", "a@b@c", "ada l@acme.test"])
def test_a_user_name_that_is_no_address_is_none(user_name: str) -> None:
    assert profile_of({"userName": user_name}).email is None


def test_an_address_keeps_its_letter_case() -> None:
    assert profile_of({"userName": "Ada@Acme.Test"}).email == "Ada@Acme.Test"


@pytest.mark.parametrize(
    ("phones", "phone"),
    [
        ([{"value": "1", "type": "work"}, {"value": "2", "type": "mobile"}], "2"),
        ([{"value": "1", "type": "home"}, {"value": "2", "type": "work"}], "2"),
        ([{"value": "1", "type": "home"}, {"value": "2", "type": "fax"}], "1"),
        ([{"type": "mobile"}], None),
        ([], None),
    ],
)
def test_the_phone_is_a_mobile_else_a_work_one_else_the_first(phones: list[dict[str, Any]], phone: str | None) -> None:
    assert profile_of({"userName": "ada", "phoneNumbers": phones}).phone == phone


def _from(document: dict[str, Any], **paths: str) -> Profile:
    """The profile by paths, each given as text with `|` between those in order of preference."""
    parsed = {key: tuple(parse_path(each, USER_TYPE) for each in text.split("|")) for key, text in paths.items()}
    return profile_of({"userName": "ada@acme.test", **document}, Attributes(**parsed))


ADA = {
    "displayName": "Countess",
    "title": "Analyst",
    "nickName": " ",
    "name": NAME,
    "emails": [
        {"value": "nonsense", "type": "work"},
        {"value": "h@acme.test", "type": "home"},
        {"value": "w@acme.test", "type": "work"},
    ],
    "phoneNumbers": [{"value": "1", "type": "fax"}, {"value": "2", "type": "mobile"}],
    ENTERPRISE: {"department": "Engines", "manager": {"value": "u9"}},
}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("title", "Analyst"),
        ("name.familyName", "Lovelace"),
        ("name.middleName|nickName|title", "Analyst"),
        ("title|displayName", "Analyst"),
        ("department", "Engines"),
        (f"{ENTERPRISE}:manager.value", "u9"),
        ("emails.value", "nonsense"),
        ('phoneNumbers[type eq "mobile"].value', "2"),
        ("locale", "ada@acme.test"),
    ],
)
def test_the_name_comes_from_the_first_path_that_gives_one_at_last_from_the_user_name(path: str, name: str) -> None:
    assert _from(ADA, name=path).name == name


@pytest.mark.parametrize(
    ("path", "email"),
    [
        ('emails[type eq "home"].value', "h@acme.test"),
        ('emails[type eq "work"].value', "w@acme.test"),
        ("emails[primary eq true].value|userName", "ada@acme.test"),
        ("displayName|emails.value", "h@acme.test"),
        ("emails[primary eq true].value", None),
        ("title", None),
    ],
)
def test_only_a_usable_address_counts_and_no_other_place_is_looked_at(path: str, email: str | None) -> None:
    assert _from(ADA, email=path).email == email


@pytest.mark.parametrize(
    ("path", "phone"), [('phoneNumbers[type eq "fax"].value', "1"), ('phoneNumbers[type eq "work"].value', None)]
)
def test_a_phone_comes_from_its_path_or_from_nowhere(path: str, phone: str | None) -> None:
    assert _from(ADA, phone=path).phone == phone


def test_what_has_no_path_keeps_its_built_in_order() -> None:
    assert _from(ADA, phone="title") == Profile("Countess", "w@acme.test", "Analyst")
    assert _from(ADA, name="title") == Profile("Analyst", "w@acme.test", "2")


def test_a_name_by_path_is_cut_at_its_bound_too() -> None:
    assert _from({"title": "x" * (LONGEST_NAME + 1)}, name="title").name == "x" * LONGEST_NAME


def _group(display_name: str) -> Group:
    return Group("acme", "g1", {"displayName": display_name}, 1, NOON, NOON)


def test_without_a_scope_every_group_is_mirrored_under_its_name() -> None:
    assert target_of(policy(), _group("Sales")) == Target("scim:g1", "Sales")


@pytest.mark.parametrize(
    ("name", "inside"), [("UG_Sales", True), ("UG_", True), ("ug_sales", False), ("Sales", False), ("xUG_Sales", False)]
)
def test_a_scope_is_a_pattern_of_names(name: str, inside: bool) -> None:
    assert (target_of(policy(scope=("UG_*", "MDM-?")), _group(name)) is not None) is inside


def test_a_mapped_group_feeds_the_named_one_even_outside_the_scope() -> None:
    rules = policy(scope=(), group_names={"Sales NA": "Sales"})
    assert target_of(rules, _group("Sales NA")) == Target("name:sales", "Sales")


def test_two_groups_mapped_to_one_name_have_one_key() -> None:
    rules = policy(group_names={"A": "Sales", "B": "SALES"})
    assert target_of(rules, _group("A")).key == target_of(rules, _group("B")).key
