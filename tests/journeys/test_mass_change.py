"""A change of 1,250 members at once costs three calls."""

import pytest

from scim_bridge.provisioning.policy import Guard
from scim_bridge.simulator.switches import Switches
from tests.bridge import bridge, with_portal

# A move of everybody is wished here, so no person has to look at it.
EVERYBODY = Guard(withdrawals_per_hour_percent=100, withdrawals_per_day_percent=100)
PEOPLE = 1_250


@pytest.mark.timeout(300)
def test_a_thousand_members_and_more_leave_a_group_and_join_another_with_three_calls_each(engine, clock):
    with bridge(engine, clock, Switches(day_minimum=1_000), guard=EVERYBODY) as plain:
        built = with_portal(plain, page_size=250, calls_per_day_minimum=1_000)
        built.control("POST", "fixture", {"users": PEOPLE})
        ids = [built.scim.user(f"user{number:05}@example.com", displayName=f"User {number:05}")
               for number in range(1, PEOPLE + 1)]  # fmt: skip
        sales, support = built.scim.group("Sales", *ids), built.scim.group("Support")
        built.deliver()
        assert len(built.portal.groups[1].members) == PEOPLE
        before = built.ledger_end()
        members = [{"value": user_id} for user_id in ids]
        built.scim.patch(f"/Groups/{sales}", {"op": "remove", "path": "members"})
        built.scim.patch(f"/Groups/{support}", {"op": "add", "path": "members", "value": members})
        built.deliver()
        told = [(method, path) for method, path, _ in built.told(before)]
        assert told == [("POST", "usergroups/1/")] * 3 + [("POST", "usergroups/2/")] * 3
        assert [len(group.members) for group in built.portal.groups.values()] == [0, PEOPLE]
