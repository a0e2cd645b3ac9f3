"""A renamed group stays the same Hexnode group, with its members."""

import pytest

from scim_bridge.simulator.switches import Switches
from tests.bridge import bridge
from tests.journeys.conftest import DESCRIPTION


def test_a_rename_costs_one_call_where_hexnode_shows_that_the_members_were_kept(company):
    company.patch_group(company.sales, {"op": "replace", "path": "displayName", "value": "Sales EU"})
    rename = ("PUT", "usergroups/1/", {"groupname": "Sales EU", "description": DESCRIPTION})
    assert company.told() == [rename]


@pytest.mark.parametrize("members", ["keep", "clear"])
def test_whatever_hexnode_does_to_the_members_of_a_renamed_group_they_are_in_it(engine, clock, members):
    with bridge(engine, clock, Switches(put_group_without_users=members)) as built:
        ada = built.scim.user("ada@acme.test", displayName="Ada")
        group_id = built.scim.group("Sales", ada)
        built.deliver()
        built.scim.patch(f"/Groups/{group_id}", {"op": "replace", "path": "displayName", "value": "Sales EU"})
        built.deliver()
        assert built.hexnode_groups() == {"Sales EU": {"ada@acme.test"}}
