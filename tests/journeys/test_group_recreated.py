"""A group that the IdP deletes and makes again under the same name, as Entra does on unassign and assign."""

from datetime import timedelta

from scim_bridge.db.engine import writing
from scim_bridge.delivery import holds
from scim_bridge.provisioning.policy import Guard
from tests.bridge import bridge
from tests.journeys.conftest import change_members, create_group, in_order


def test_it_keeps_its_hexnode_group_with_the_policies_that_hang_on_it(company):
    scim = company.built.scim
    assert scim.send("DELETE", f"/Groups/{company.sales}").status_code == 204
    again = scim.group("Sales", company.ada)
    assert company.told() == [change_members(1, remove=(2, 3)), change_members(1, add=(2,))]
    assert company.built.hexnode_groups()["Sales"] == {"ada@acme.test"}
    assert again != company.sales


def test_a_group_of_somebody_else_with_that_name_is_still_left_alone(company):
    company.built.control("POST", "groups", {"groupname": "Pilots"})
    company.built.clock.advance(hours=7)  # until the next survey
    company.told()
    company.built.scim.group("Pilots", company.ada)
    assert {method for method, _, _ in company.told()} == {"GET"}
    assert company.built.hexnode_groups()["Pilots"] == set()


def test_it_keeps_it_after_a_rename_that_no_survey_has_shown_yet(company):
    scim = company.built.scim
    company.patch_group(company.sales, {"op": "replace", "path": "displayName", "value": "Vendors"})
    company.told()
    before = company.built.ledger_end()
    scim.send("DELETE", f"/Groups/{company.sales}")
    scim.group("Vendors", company.ada)
    company.built.deliver()
    told = [(method, path, in_order(body)) for method, path, body in company.built.told(before) if method != "GET"]
    assert told == [change_members(1, remove=(2, 3)), change_members(1, add=(2,))]


def test_it_waits_for_those_of_before_while_they_are_held_for_a_person(engine, clock):
    with bridge(engine, clock, guard=Guard(0, 0, 0, 0)) as built:
        ada = built.scim.user("ada@acme.test", displayName="Ada")
        sales = built.scim.group("Sales", ada)
        built.deliver()
        before = built.ledger_end()
        built.scim.send("DELETE", f"/Groups/{sales}")
        built.scim.group("Sales", ada)
        built.deliver()
        clock.advance(hours=1)
        built.deliver()
        assert built.told(before) == []
        with writing(engine) as connection:
            holds.release(connection, "acme", "tess", clock() + timedelta(seconds=1))
        clock.advance(seconds=2)
        built.deliver()
        told = built.told(before)
        assert told == [change_members(1, remove=(2,)), change_members(1, add=(2,))]
        assert not [call for call in told if call == create_group("Sales", 2)]
