"""A return: what was not sent is cancelled, what was sent is put right."""

import pytest

from tests.app import USER_URN
from tests.journeys.conftest import change_members, lock


def test_who_returns_before_the_lock_was_sent_was_never_away(company):
    company.patch_user(company.ada, "active", False)
    company.patch_user(company.ada, "active", True)
    assert company.told() == []


def test_who_returns_after_the_lock_was_sent_is_placed_again(company):
    company.patch_user(company.ada, "active", False)
    company.told()
    company.settled = company.built.ledger_end()
    company.patch_user(company.ada, "active", True)
    assert company.told() == [change_members(1, add=(2,))]
    assert len(company.built.calls("POST", "actions/")) == 1


def test_who_leaves_returns_and_leaves_again_is_locked_again(company):
    for active in (False, True, False):
        company.settled = company.built.ledger_end()
        company.patch_user(company.ada, "active", active)
        company.told()
    assert company.told() == [lock(2), change_members(1, remove=(2,))]


@pytest.mark.parametrize("delivered", [False, True])
def test_who_returns_after_a_deletion_is_the_same_person_at_hexnode(company, delivered):
    company.built.scim.send("DELETE", f"/Users/{company.ada}")
    if delivered:
        company.told()
    body = {"schemas": [USER_URN], "userName": "ada@acme.test", "displayName": "Ada", "active": True}
    answer = company.built.scim.send("POST", "/Users", body)
    assert answer.json["id"] == company.ada
    company.moves(company.ada, "add", company.sales)
    company.told()
    assert company.built.hexnode_groups()["Sales"] == {"ada@acme.test", "bob@acme.test"}
    assert len(company.built.calls("POST", "users/")) == 2
