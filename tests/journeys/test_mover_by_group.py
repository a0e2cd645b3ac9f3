"""A mover: out of one group, into another, and nothing else."""

from tests.journeys.conftest import change_members


def test_a_mover_is_withdrawn_and_then_placed(company):
    company.moves(company.ada, "remove", company.sales)
    company.moves(company.ada, "add", company.support)
    assert company.told() == [change_members(1, remove=(2,)), change_members(2, add=(2,))]


def test_two_who_change_places_cost_one_call_for_each_group(company):
    company.moves(company.ada, "add", company.support)
    company.moves(company.bob, "remove", company.support)
    company.moves(company.bob, "remove", company.sales)
    assert company.told() == [change_members(2, add=(2,), remove=(3,)), change_members(1, remove=(3,))]


def test_who_moves_out_and_back_before_the_delivery_costs_nothing(company):
    company.moves(company.ada, "remove", company.sales)
    company.moves(company.ada, "add", company.sales)
    assert company.told() == []


def test_a_replaced_member_list_costs_only_its_difference(company):
    members = [{"value": company.ada}]
    company.patch_group(company.sales, {"op": "replace", "path": "members", "value": members})
    assert company.told() == [change_members(1, remove=(3,))]
