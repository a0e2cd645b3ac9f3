"""Adoption: one certain, free Hexnode user or nobody."""

import pytest

from scim_bridge.provisioning.matching import Ambiguous, match
from scim_bridge.provisioning.seen import SeenUser

ADA = SeenUser(7, "Ada", "ada@acme.test", None, "local")
OTHER = SeenUser(8, "Ada", "ADA@acme.test", None, "okta")


def test_nobody_is_nobody() -> None:
    assert match([], lambda _id: None, "u1") is None


@pytest.mark.parametrize("holder", [None, "u1"])
def test_the_one_user_who_is_free_or_already_ours_is_adopted(holder: str | None) -> None:
    assert match([ADA], lambda _id: holder, "u1") == ADA


def test_a_user_whom_another_person_holds_is_unclear() -> None:
    found = match([ADA], {7: "u2"}.get, "u1")
    assert isinstance(found, Ambiguous)
    assert found.why.startswith("AMBIGUOUS_MATCH")


def test_several_of_one_address_are_unclear_even_when_one_is_ours() -> None:
    assert isinstance(match([ADA, OTHER], {7: "u1"}.get, "u1"), Ambiguous)
