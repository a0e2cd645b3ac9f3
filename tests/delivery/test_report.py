"""The plan of a portal: whose calls, when, and what is left out of it."""

from dataclasses import replace
from datetime import timedelta

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import lease, report
from scim_bridge.delivery.calls import CreateUser
from scim_bridge.delivery.chosen import EVERYTHING, Chosen
from scim_bridge.delivery.lanes import Lane
from scim_bridge.provisioning.policy import TenantPolicy
from tests.app import ScimClient


def plan_of(built, tenants=("acme",), only=EVERYTHING):
    with reading(built.engine) as connection:
        return report.plan(connection, built.policy.portals["acme"], tenants, built.clock(), only)


def two_tenants(built):
    """`acme` has forty joiners; then `other`, on the same portal, has one."""
    tenants = {**built.policy.tenants, "other": TenantPolicy("other", "acme")}
    both = replace(built, policy=replace(built.policy, tenants=tenants))
    built.deliver()
    for number in range(40):
        built.scim.user(f"p{number}@acme.test")
    built.clock.advance(seconds=1)
    ScimClient(built.engine, both.policy, built.clock, "other").user("bob@other.test")
    return both


def test_calls_of_tenants_that_share_the_portal_take_their_time(built):
    both = two_tenants(built)
    everyone = plan_of(both, ("acme", "other"))
    others = everyone.of(("other",))
    assert [call.account.tenant for call in others.calls if isinstance(call, CreateUser)] == ["other"]
    assert others.duration >= timedelta(minutes=2)
    assert plan_of(both, ("other",)).duration < timedelta(minutes=1)


def test_nothing_is_planned_before_the_end_of_a_pause(built):
    built.deliver()
    built.scim.user("ada@acme.test")
    with writing(built.engine) as connection:
        lease.pause(connection, "acme", built.clock() + timedelta(minutes=15), "throttled")
    assert plan_of(built).at[0] == built.clock() + timedelta(minutes=15)


def test_a_part_of_what_waits_can_be_planned(built):
    ada = built.scim.user("ada@acme.test")
    built.scim.group("Sales", ada)
    assert plan_of(built).calls != ()
    assert plan_of(built, only=Chosen(lane=Lane.DESCRIBE)).calls == ()
