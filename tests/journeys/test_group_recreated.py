"""A group that the IdP deletes and makes again under the same name, as Entra does on unassign and assign."""

from tests.journeys.conftest import change_members


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
