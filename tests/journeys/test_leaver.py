"""A leaver: the devices are locked with the very next call, then the groups are left."""

import pytest

from tests.app import USER_URN
from tests.journeys.conftest import change_members, lock


def deactivated_by_patch(company, user_id):
    company.patch_user(user_id, "active", False)


def deactivated_by_put(company, user_id):
    body = {"schemas": [USER_URN], "userName": "ada@acme.test", "displayName": "Ada", "active": False}
    assert company.built.scim.send("PUT", f"/Users/{user_id}", body).status_code == 200


def deleted(company, user_id):
    assert company.built.scim.send("DELETE", f"/Users/{user_id}").status_code == 204


@pytest.mark.parametrize("leaves", [deactivated_by_patch, deactivated_by_put, deleted])
def test_a_leaver_is_locked_at_once_and_then_leaves_his_groups(company, leaves):
    leaves(company, company.ada)
    assert company.told() == [lock(2), change_members(1, remove=(2,))]
    assert [(effect["kind"], effect["device"]) for effect in company.built.effects("device")] == [("device_locked", 1)]


def test_a_leaver_of_two_groups_is_locked_before_he_leaves_either(company):
    company.patch_user(company.bob, "active", False)
    told = company.told()
    assert told[0] == lock(3)
    assert sorted(told[1:]) == [change_members(1, remove=(3,)), change_members(2, remove=(3,))]


def test_leavers_of_the_same_moment_are_locked_in_one_call(company):
    company.patch_user(company.ada, "active", False)
    company.patch_user(company.bob, "active", False)
    assert company.told()[0] == lock(2, 3)


def test_a_lock_goes_before_all_that_waits(company):
    company.hires("Cyd")
    company.patch_user(company.bob, "displayName", "Robert")
    company.moves(company.bob, "remove", company.support)
    company.patch_user(company.ada, "active", False)
    assert company.told()[0] == lock(2)


def test_a_device_that_is_offline_is_locked_when_it_comes_back(company):
    company.built.control("POST", "devices/1", {"online": False})
    company.patch_user(company.ada, "active", False)
    assert company.told().count(lock(2)) == 1
    company.built.control("POST", "devices/1", {"online": True})
    assert [effect["kind"] for effect in company.built.effects("device")] == ["device_locked"]


def test_repeating_that_somebody_left_costs_nothing(company):
    company.patch_user(company.ada, "active", False)
    company.told()
    company.settled = company.built.ledger_end()
    company.patch_user(company.ada, "active", False)
    assert company.told() == []


def test_silence_about_active_is_no_leave(company):
    body = {"schemas": [USER_URN], "userName": "ada@acme.test", "displayName": "Ada"}
    assert company.built.scim.send("PUT", f"/Users/{company.ada}", body).status_code == 200
    assert company.told() == []


def test_to_be_added_to_a_group_after_leaving_places_nobody(company):
    company.patch_user(company.ada, "active", False)
    company.told()
    company.settled = company.built.ledger_end()
    company.moves(company.ada, "add", company.support)
    assert company.told() == []
