"""When the portal is left alone, and for how long: throttled, away, a refused list, a refused key."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from threading import Event

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading
from scim_bridge.delivery.tables import journal
from scim_bridge.provisioning.policy import Policy, PortalPolicy, TenantPolicy
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.server import running
from scim_bridge.simulator.switches import Switches
from tests.app import ScimClient
from tests.bridge import API_KEY, bridge, with_portal
from tests.delivery.trouble import ada_joins_sales, fault, kinds, moments, outcomes, seconds_between


@pytest.mark.parametrize("retry_after", [True, False])
def test_a_throttled_portal_is_left_alone_exactly_as_long_as_it_says(engine, clock, retry_after):
    with bridge(engine, clock, Switches(retry_after=retry_after)) as built:
        fault(built, "throttle", "users/", method="POST", seconds=42)
        built.scim.user("ada@acme.test", displayName="Ada")
        built.deliver(every=1)
        first = next(number for number, call in enumerate(built.calls()) if call["status"] == 429)
        (waited,) = seconds_between(built.calls()[first : first + 2])
        assert 42 <= waited <= 43.1
        assert [call["path"] for call in built.calls()[first : first + 2]] == ["/api/v1/users/"] * 2
        assert kinds(built, "user") == ["user_created"]


def test_even_a_lock_waits_while_the_portal_says_that_it_takes_no_call(built):
    user_id, _ = ada_joins_sales(built)
    built.deliver()
    fault(built, "throttle", "actions/", seconds=30)
    built.scim.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": False})
    built.deliver(every=1)
    locks = built.calls("POST", "actions/lock_devices/")
    assert [call["status"] for call in locks] == [429, 200]
    assert 30 <= seconds_between(locks)[0] <= 31.1


def test_scim_goes_on_while_hexnode_is_away_and_all_is_delivered_when_it_is_back(engine, clock):
    with bridge(engine, clock) as built:
        address = built.hexnode.removeprefix("http://")
    driver = built.driver()
    user_id, _ = ada_joins_sales(built)
    built.deliver(driver, timedelta(minutes=5))
    assert built.scim.send("GET", f"/Users/{user_id}").status_code == 200
    assert set(outcomes(engine)) == {"unreachable"}
    with running(built.portal, API_KEY, address):
        built.deliver(driver)
        assert built.hexnode_groups() == {"Sales": {"ada@acme.test"}}
        assert kinds(built, "user") == ["user_created"]


def test_the_waits_for_a_portal_that_is_away_grow_to_a_minute(engine, clock):
    with bridge(engine, clock) as built:
        pass
    ada_joins_sales(built)
    built.deliver(within=timedelta(minutes=6), every=1)
    with reading(engine) as connection:
        sent = list(connection.execute(select(journal.c.sent_at).order_by(journal.c.id)).scalars())
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(sent)]
    for wait, longest in zip(waits, [2, 4, 8, 16, 32, *[60] * 20], strict=False):
        assert longest / 2 <= wait <= longest + 1.1
    assert 6 <= len(waits) <= 13


def test_a_list_that_is_refused_is_asked_for_again_at_growing_intervals(built):
    fault(built, "status_before_effect", "usergroups/", method="GET", status=404, count=None)
    ada_joins_sales(built)
    built.deliver(within=timedelta(minutes=10))
    asked = built.calls("GET", "usergroups/")
    assert 5 <= len(asked) <= 20
    assert seconds_between(asked)[-1] >= 30


def test_a_refused_key_rests_the_portal_and_a_restart_with_the_right_key_goes_on(built):
    wrong = with_portal(built, api_key="wrong-key")
    ada_joins_sales(built)
    first = wrong.driver("host:1")
    built.deliver(first, timedelta(minutes=10))
    assert [call["status"] for call in built.calls()] == [401]
    ended = Event()
    ended.set()
    first.run(ended)
    restarted_at = built.clock()
    built.deliver(built.driver("host:2"))
    assert built.hexnode_groups() == {"Sales": {"ada@acme.test"}}
    assert moments(built.calls())[1] - restarted_at < timedelta(seconds=2)


def test_a_refused_key_is_tried_again_each_quarter_of_an_hour(built):
    ada_joins_sales(built)
    driver, end = with_portal(built, api_key="wrong-key").driver(), built.clock() + timedelta(minutes=50)
    while built.clock() < end:
        driver.step()
        built.clock.advance(seconds=5)
    assert [round(wait / 60) for wait in seconds_between(built.calls())] == [15, 15, 15]


@pytest.mark.parametrize("retry_after", [True, False])
def test_a_day_limit_is_obeyed_for_its_many_hours(engine, clock, retry_after):
    with bridge(engine, clock, Switches(day_minimum=2, retry_after=retry_after)) as built:
        driver = built.driver()
        ada_joins_sales(built)
        for _ in range(3):
            assert driver.step()
            built.clock.advance(minutes=1)
        assert [call["status"] for call in built.calls()] == [200, 200, 429]
        built.clock.advance(hours=23, minutes=56, seconds=59)
        assert not driver.step(), "it takes the first call again a day after that"
        built.clock.advance(seconds=2)
        assert driver.step()
        assert built.calls()[-1]["status"] in (200, 201)


@pytest.mark.parametrize("trouble", ["throttle", "refuse_key", "away"])
def test_a_portal_in_trouble_pauses_alone(engine, clock, trouble):
    with bridge(engine, clock) as acme, running(Portal(now=clock), "another-key") as url:
        address = "http://127.0.0.1:1" if trouble == "away" else url
        other = PortalPolicy("other", f"{address}/api/v1/", "another-key")
        tenants = {**acme.policy.tenants, "other": TenantPolicy("other", "other")}
        built = replace(acme, policy=Policy({**acme.policy.portals, "other": other}, tenants))
        if trouble != "away":
            fault(replace(built, hexnode=url), trouble, count=None)
        ScimClient(engine, built.policy, clock, "other").user("bob@acme.test")
        in_trouble, fine = built.driver(portal="other"), built.driver()
        assert in_trouble.step()
        assert not in_trouble.step()
        ada_joins_sales(built)
        built.deliver(fine)
        assert built.hexnode_groups() == {"Sales": {"ada@acme.test"}}
