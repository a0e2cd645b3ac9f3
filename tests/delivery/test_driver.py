"""The driver: one drives and the others stand by; a database that is away; what the log says."""

from datetime import timedelta
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from scim_bridge.delivery import driver as module
from scim_bridge.delivery import journal as journal_module
from scim_bridge.simulator.switches import Switches
from tests.bridge import API_KEY, bridge, with_portal
from tests.delivery.trouble import ada_joins_sales, fault, kinds, outcomes


def wait_until(done, seconds=30):
    end = monotonic() + seconds
    while not done():
        assert monotonic() < end, "it did not happen in time"
        sleep(0.05)


def test_two_drivers_of_one_portal_never_double_a_call_and_the_second_goes_on_when_the_first_ends(engine, clock):
    with bridge(engine, clock, Switches(throttled=False)) as plain:
        built = with_portal(plain, calls_per_minute=1_000, calls_per_day_minimum=10_000)
        stops = [Event(), Event()]
        threads = [Thread(target=built.driver(f"host:{number}").run, args=(stop,)) for number, stop in enumerate(stops)]
        for thread in threads:
            thread.start()
        people = [built.scim.user(f"p{number}@acme.test", displayName="P") for number in range(20)]
        wait_until(lambda: len(built.calls("POST", "users/")) == 20)
        clock.advance(seconds=1)
        stops[0].set()
        threads[0].join()
        people += [built.scim.user(f"q{number}@acme.test", displayName="Q") for number in range(10)]
        built.scim.group("Sales", *people)
        wait_until(lambda: len(built.hexnode_groups().get("Sales", ())) == 30)
        stops[1].set()
        threads[1].join()
        created = [call["body"][0]["email"] for call in built.calls("POST", "users/")]
        assert len(created) == len(set(created)) == 30
        assert len(built.calls()) == len(outcomes(engine))


def test_the_second_driver_waits_until_the_lease_of_a_dead_one_has_ended(built):
    dead, heir = built.driver("host:1"), built.driver("host:2")
    ada_joins_sales(built)
    assert dead.step()
    built.clock.advance(seconds=44)
    assert not heir.step()
    built.clock.advance(seconds=1)
    assert heir.step()
    assert not dead.step()


def test_a_database_that_is_away_is_waited_for(built, monkeypatch):
    driver, stop, tries = built.driver(), Event(), []

    def step():
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("select", {}, Exception("server closed the connection"))
        stop.set()
        return True

    monkeypatch.setattr(driver, "step", step)
    monkeypatch.setattr(module, "DATABASE_AWAY", timedelta(0))
    driver.run(stop)
    assert len(tries) == 2


def test_an_outcome_that_the_database_did_not_take_is_in_doubt_at_the_next_look(built, monkeypatch):
    built.deliver()
    built.scim.user("ada@acme.test", displayName="Ada")
    driver = built.driver()
    with monkeypatch.context() as patched, pytest.raises(OperationalError):
        patched.setattr(journal_module, "complete", away)
        driver.step()
    built.deliver(driver)
    assert kinds(built, "user") == ["user_created"]
    assert [path for _, path, _ in built.told()].count("users/") == 1


def away(*_):
    raise OperationalError("update", {}, Exception("server closed the connection"))


def test_an_answer_that_comes_after_another_took_over_is_not_believed(built):
    built.deliver()
    built.clock.advance(seconds=45)  # that driver's lease ends
    built.scim.user("ada@acme.test", displayName="Ada")
    fault(built, "hang_after_effect", "users/", method="POST")
    slow = Thread(target=built.driver("host:1").step)
    slow.start()
    wait_until(lambda: kinds(built, "user"))
    built.clock.advance(seconds=130)
    built.deliver(built.driver("host:2"))
    built.control("DELETE", "faults")
    slow.join()
    assert kinds(built, "user") == ["user_created"]
    assert outcomes(built.engine)[-2:] == ["uncertain", "ok"]


def test_the_log_names_nobody(built):
    with capture_logs() as lines:
        fault(built, "status_before_effect", "users/", method="POST", status=500)
        fault(built, "status_before_effect", "usergroups/", method="POST", status=400)
        ada_joins_sales(built)
        built.deliver()
    assert {line["event"] for line in lines} == {"driver.took_over", "hexnode.call_failed"}
    assert "ada" not in str(lines).lower()
    assert API_KEY not in str(lines)
