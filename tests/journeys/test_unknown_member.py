"""A member whom we do not know: kept, and placed when the person appears."""

from tests.app import USER_URN
from tests.journeys.conftest import change_members, create_user


def test_a_member_nobody_knows_is_taken_and_costs_nothing(company):
    company.moves("019cadc6-0000-7000-8000-000000000000", "add", company.sales)
    assert company.told() == []


def test_a_member_who_was_deleted_is_placed_when_he_comes_back(company):
    cyd = company.hires("Cyd")
    company.built.scim.send("DELETE", f"/Users/{cyd}")
    company.built.deliver()
    company.settled = company.built.ledger_end()
    company.moves(cyd, "add", company.sales)
    assert company.told() == []
    body = {"schemas": [USER_URN], "userName": "cyd@acme.test", "displayName": "Cyd", "active": True}
    assert company.built.scim.send("POST", "/Users", body).json["id"] == cyd
    assert company.told() == [create_user("Cyd", "cyd@acme.test"), change_members(1, add=(4,))]
