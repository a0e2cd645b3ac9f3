"""Joiner, mover and leaver from HTTP request to the simulator's ledger, each part a process of its own."""

import time
from collections import Counter

import pytest

from tests.processes.idp import Idp
from tests.processes.running import wait_until


def token(running):
    created = running.run("token", "create", "default", "--label", "test")
    assert created.returncode == 0, created.stderr
    return created.stdout.strip()


def joiners_a_mover_and_a_leaver(idp, hexnode):
    """The whole story, each chapter awaited at Hexnode; gives the seconds from `active: false` to the lock."""
    ada, linus = idp.user("ada"), idp.user("linus")
    sales, field = idp.group("Sales", ada, linus), idp.group("Field", linus)
    wait_until(lambda: hexnode.members("Sales") == {"ada", "linus"}, "the joiners are placed")
    wait_until(lambda: hexnode.members("Field") == {"linus"}, "the second group is there")
    idp.move(ada, sales, field)
    wait_until(lambda: hexnode.members("Field") == {"ada", "linus"}, "the mover has arrived")
    wait_until(lambda: hexnode.members("Sales") == {"linus"}, "the mover has left")
    began = time.monotonic()
    idp.patch(f"/Users/{linus}", "replace", "active", False)
    wait_until(lambda: hexnode.locked() == 2, "the leaver's devices are locked")
    lasted = time.monotonic() - began
    wait_until(lambda: hexnode.members("Field") == {"ada"} and hexnode.members("Sales") == set(), "the leaver is out")
    return lasted


# Seconds: the driver looks three times a second; the rest is what a busy test machine may add.
PROMPT = 10.0
EFFECTS = Counter(
    # linus was known by address, so ada alone is created; two devices of linus, none of the stranger
    {"user_created": 1, "group_created": 2, "member_added": 4, "member_removed": 3, "device_locked": 2}
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_joiner_mover_and_leaver_through_serve(running, hexnode):
    _, url = running.web("serve")
    lasted = joiners_a_mover_and_a_leaver(Idp(token(running), url), hexnode)
    assert lasted < PROMPT
    assert Counter(hexnode.effects()) == EFFECTS
    assert hexnode.doubled() == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_same_with_two_webs_and_two_workers_on_postgresql(running, hexnode):
    workers = [running.start("worker"), running.start("worker")]
    (_, first), (_, second) = running.web(), running.web()
    lasted = joiners_a_mover_and_a_leaver(Idp(token(running), first, second), hexnode)
    assert lasted < PROMPT
    assert Counter(hexnode.effects()) == EFFECTS
    assert hexnode.doubled() == []
    assert [worker.process.poll() for worker in workers] == [None, None]
