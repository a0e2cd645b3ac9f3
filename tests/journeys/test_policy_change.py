"""A changed policy, applied at a worker's start: Hexnode ends as the new one says; what was right is not touched."""

from dataclasses import replace

import pytest

from scim_bridge.provisioning import recompute
from tests.bridge import bridge
from tests.journeys.conftest import change_members, create_group
from tests.journeys.seldom import looking_seldom
from tests.provisioning.rules import rule


@pytest.fixture
def built(engine, clock):
    with bridge(engine, clock) as built:
        yield looking_seldom(built)


def restart(company, **settings):
    """The bridge starts again under a policy with these settings; says whether anything was recomputed."""
    built = company.built
    tenant = replace(built.policy.tenants["acme"], **settings)
    built.policy.tenants["acme"] = tenant  # the SCIM client and new drivers read the same policy
    built.clock.advance(milliseconds=1)
    return recompute.if_changed(built.engine, tenant, built.clock())


def test_the_first_start_and_a_start_with_the_same_policy_send_nothing(company):
    assert restart(company)
    assert not restart(company)
    assert company.told() == []


def test_a_new_rule_places_whom_it_describes(company):
    company.patch_user(company.ada, "title", "Maker")
    restart(company, rules=(rule("Makers", 'title eq "maker"'),))
    assert company.told() == [create_group("Makers", 2)]


def test_a_protected_person_stays_whatever_the_idp_says_and_is_never_locked(company):
    restart(company, protected_users=("ADA@*",))
    company.moves(company.ada, "remove", company.sales)
    company.patch_user(company.ada, "displayName", "Somebody Else")
    company.patch_user(company.ada, "active", False)
    company.patch_user(company.bob, "displayName", "Bobby")
    assert [call[:2] for call in company.told()] == [("PUT", "users/3/")]


def test_who_becomes_protected_while_a_lock_waits_is_not_locked(company):
    company.patch_user(company.ada, "active", False)
    restart(company, protected_users=("ada@acme.test",))
    assert company.told() == []


def test_a_protected_group_is_left_as_it_is(company):
    restart(company, protected_groups=("SALES",))
    company.moves(company.ada, "remove", company.sales)
    company.moves(company.ada, "add", company.support)
    company.patch_group(company.sales, {"op": "replace", "path": "displayName", "value": "Sellers"})
    assert company.told() == [change_members(2, add=(2,))]
    restart(company, protected_groups=())
    company.built.deliver()
    assert company.built.hexnode_groups() == {
        "Sellers": {"bob@acme.test"},
        "Support": {"ada@acme.test", "bob@acme.test"},
    }
