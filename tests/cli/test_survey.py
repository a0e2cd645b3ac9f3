"""`scim-bridge survey`: asks for one, waits for it, tells what it found."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from scim_bridge import bootstrap, config
from scim_bridge.bootstrap import Bridge
from scim_bridge.cli.survey import survey
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading
from scim_bridge.delivery import surveys
from scim_bridge.delivery.tables import journal, portals
from scim_bridge.provisioning import policy_file
from scim_bridge.simulator import fixture
from scim_bridge.simulator.fixture import Fixture
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.server import running
from tests.app import ScimClient


@pytest.fixture
def environ(environ, database_url):
    """On both databases."""
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    return environ


@pytest.fixture
def asked(environ):
    """Runs the command."""
    return lambda *arguments: CliRunner().invoke(survey, arguments, env=environ)


@contextmanager
def driven(environ, engine) -> Iterator[Portal]:
    """A simulated Hexnode, and a driver at work on it."""
    portal, ended = Portal(now=utc_now), Event()
    with running(portal, environ["SCIM_BRIDGE_HEXNODE_API_KEY"]) as url:
        environ["SCIM_BRIDGE_HEXNODE_URL"] = f"{url}/api/v1/"
        settings = config.read(environ)
        (driver,) = bootstrap.drivers(Bridge(settings, policy_file.load(settings), engine))
        thread = Thread(target=driver.run, args=(ended,))
        thread.start()
        try:
            _wait_for_driver(engine)
            yield portal
        finally:
            ended.set()
            thread.join()


def _wait_for_driver(engine):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with reading(engine) as connection:
            if connection.execute(select(portals.c.holder)).scalar_one_or_none():
                return
        time.sleep(0.02)
    raise AssertionError("the driver never began")


def test_without_a_driver_the_survey_is_asked_for_and_the_remedy_told(asked, engine):
    result = asked()
    assert result.exit_code == 0
    assert "no driver is running for default: start scim-bridge serve or scim-bridge worker" in result.stdout
    with reading(engine) as connection:
        assert all(each.wanted_at for each in surveys.read(connection, "default").values())


def test_nobody_waits_for_a_driver_that_is_not_there(asked):
    result = asked("--wait")
    assert result.exit_code == 1
    assert "no driver is running for default" in result.stderr


def test_a_portal_that_is_not_in_the_policy_is_named(asked):
    result = asked("acme")
    assert (result.exit_code, result.stderr.strip()) == (
        1, "Error: There is no portal acme; the policy has: default.",
    )  # fmt: skip


def test_a_survey_that_is_waited_for_reads_everything_and_tells_what_it_found(asked, environ, engine):
    with driven(environ, engine) as portal:
        fixture.fill(portal, Fixture(users=120, groups=2, devices=3))
        scim = ScimClient(engine, policy_file.load(config.read(environ)), utc_now, "default")
        scim.group("Sales", scim.user("user00001@example.com", displayName="User 00001"))
        for _ in range(2):
            result = asked("default", "--wait")
            assert result.exit_code == 0, result.output
    last = result.stdout.splitlines()[-1]
    assert re.fullmatch(
        r"portal default: 121 users, [23] groups, [01] members of our groups, 3 devices; 0 found .*", last
    )
    with reading(engine) as connection:
        read = connection.execute(journal.select().where(journal.c.kind == "ReadPage")).all()
    pages = [(row.subject["list"], row.subject["page"]) for row in read]
    assert pages.count(("users", 2)) >= 2
