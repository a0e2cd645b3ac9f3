"""A group deleted in the IdP: its Hexnode group is emptied and left, since policies may hang on it."""

from tests.journeys.conftest import change_members


def test_a_deleted_group_is_emptied_with_one_call_and_stays(company):
    company.built.scim.send("DELETE", f"/Groups/{company.sales}")
    assert company.told() == [change_members(1, remove=(2, 3))]
    assert company.built.hexnode_groups() == {"Sales": set(), "Support": {"bob@acme.test"}}


def test_a_group_deleted_before_it_was_ever_delivered_costs_nothing(company):
    group = company.built.scim.group("Research", company.ada)
    company.built.scim.send("DELETE", f"/Groups/{group}")
    assert company.told() == []
