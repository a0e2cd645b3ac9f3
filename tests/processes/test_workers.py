"""Several workers share a portal: one drives, another takes over when it ends or is killed."""

import signal
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery.tables import journal, portals
from tests.processes.idp import Idp
from tests.processes.running import wait_until

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def workers(running, hexnode, engine):
    """Two workers by pid."""
    started = [running.start("worker"), running.start("worker")]
    wait_until(lambda: driver(engine) and connected(engine) >= 2, "one drives, the other looks on")
    return {worker.pid: worker for worker in started}


@pytest.fixture
def idp(running):
    _, url = running.web()
    return Idp(running.token(), url)


def driver(engine):
    """The pid of the process that drives; None without one."""
    with reading(engine) as connection:
        holder = connection.execute(select(portals.c.holder)).scalar_one_or_none()
    return int(holder.split(":")[1]) if holder else None


def connected(engine):
    """How many connections to the database others than this test hold: each worker keeps one."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with reading(engine) as connection:
        return connection.execute(text(f"SELECT count(*) FROM pg_stat_activity WHERE {others}")).scalar_one()


def fences(engine):
    """Under how many drivers the calls so far were made."""
    with reading(engine) as connection:
        return sorted(set(connection.execute(select(journal.c.fence)).scalars()))


def test_one_drives_while_the_other_stands_by(workers, idp, hexnode, engine):
    for name in ("ada", "grace", "joan"):
        idp.user(name)
    wait_until(lambda: hexnode.effects().count("user_created") == 3, "the joiners are there")
    assert fences(engine) == [1]
    assert hexnode.doubled() == []


def test_a_driver_that_is_told_to_end_hands_over_at_once(workers, idp, hexnode, engine):
    first = driver(engine)
    assert workers[first].end() == 0
    idp.user("ada")
    wait_until(lambda: "user_created" in hexnode.effects(), "the other one drives")
    assert driver(engine) in workers.keys() - {first}


def test_a_killed_driver_is_replaced_when_its_lease_has_ended(workers, idp, hexnode, engine):
    first = driver(engine)
    hexnode.control("POST", "faults", {"kind": "hang_after_effect", "method": "POST", "path": "/api/v1/users/"})
    idp.user("ada")
    wait_until(lambda: "user_created" in hexnode.effects(), "the call is under way")
    workers[first].end(signal.SIGKILL)
    assert driver(engine) == first
    # The lease ends by itself 45 s after the driver's last look; that time passes here in one statement.
    with writing(engine) as connection:
        connection.execute(update(portals).values(lease_until=utc_now() - timedelta(seconds=1)))
    idp.user("grace")
    wait_until(lambda: hexnode.effects().count("user_created") == 2, "the other one drives")
    assert driver(engine) in workers.keys() - {first}
    assert hexnode.doubled() == []
