"""`scim-bridge apply`: sends what is planned now, all of it or a part, and its exit code says what is left."""

from datetime import timedelta

import pytest
import requests

from scim_bridge import config
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import writing
from scim_bridge.delivery import lease
from scim_bridge.provisioning import policy_file
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.server import running
from tests.app import ScimClient
from tests.cli.company import lines

KEY = "simulator-key"


@pytest.fixture
def hexnode():
    """A simulated Hexnode on the real clock; gives its address."""
    with running(Portal(now=utc_now), KEY) as url:
        yield url


@pytest.fixture
def environ(environ, database_url, hexnode):
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    environ["SCIM_BRIDGE_HEXNODE_URL"] = hexnode
    return environ


@pytest.fixture
def scim(environ, engine):
    return ScimClient(engine, policy_file.load(config.read(environ)), utc_now, "default")


@pytest.fixture
def observing(environ, tmp_path, hexnode):
    """The same tenant in observe mode."""
    file = tmp_path / "policy.toml"
    file.write_text(
        f'[portals.main]\nurl = "{hexnode}"\napi_key_env = "KEY"\n'
        '[tenants.default]\nportal = "main"\nmode = "observe"\n'
    )
    del environ["SCIM_BRIDGE_HEXNODE_URL"], environ["SCIM_BRIDGE_HEXNODE_API_KEY"]
    environ.update(SCIM_BRIDGE_POLICY=str(file), KEY=KEY)
    return environ


def two_groups(scim):
    """Ada in Sales, Grace in Support."""
    ada, grace = (scim.user(f"{name}@acme.test", displayName=name.title()) for name in ("ada", "grace"))
    return scim.group("Sales", ada), scim.group("Support", grace)


def calls(hexnode, method="POST"):
    found = requests.get(f"{hexnode}/_simulator/ledger", timeout=5).json()["calls"]
    return [call for call in found if call["method"] == method]


def paths(hexnode):
    return [call["path"].removeprefix("/api/v1/") for call in calls(hexnode)]


def at_hexnode(hexnode):
    state = requests.get(f"{hexnode}/_simulator/state", timeout=5).json()
    return {group["groupname"]: len(group["users"]) for group in state["groups"]}


def test_everything_is_sent_in_order_and_nothing_differs_any_more(cli, scim, hexnode):
    two_groups(scim)
    shown = lines(cli("apply", "--yes"))
    assert at_hexnode(hexnode) == {"Sales": 1, "Support": 1}
    assert paths(hexnode) == ["users/", "users/", "usergroups/", "usergroups/"]
    assert sum("sent" in line and line.startswith("portal default: ") for line in shown) >= 4
    assert cli("plan").exit_code == 0
    assert cli("apply", "--yes").exit_code == 0


def test_a_dry_run_shows_the_calls_and_sends_none(cli, scim, hexnode):
    two_groups(scim)
    assert any("create group Sales" in line for line in lines(cli("apply", "--dry-run"), 2))
    assert calls(hexnode) == calls(hexnode, "GET") == []


def test_without_yes_a_person_is_asked(cli, scim, hexnode):
    two_groups(scim)
    assert cli("apply").exit_code == 1
    assert calls(hexnode) == []


def test_only_a_person(cli, scim, hexnode):
    two_groups(scim)
    shown = lines(cli("apply", "--only", "user ADA@acme.test", "--yes"), 2)
    assert any("create user ada@acme.test" in line for line in shown)
    assert not any("create user grace@acme.test" in line for line in shown)
    assert [call["body"][0]["email"] for call in calls(hexnode)] == ["ada@acme.test"]
    assert len(calls(hexnode, "GET")) == 2, "what must be known before a create is read, nothing else"


def test_only_a_group_or_a_lane(cli, scim, hexnode):
    sales, _ = two_groups(scim)
    lines(cli("apply", "--yes"))
    ada, joan = (scim.user(f"{name}@acme.test", displayName=name.title()) for name in ("rosa", "joan"))
    lines(cli("apply", "--only", "grant", "--yes"))
    before = len(calls(hexnode))
    scim.patch(f"/Groups/{sales}", {"op": "add", "path": "members", "value": [{"value": ada}, {"value": joan}]})
    scim.patch(f"/Users/{ada}", {"op": "replace", "path": "displayName", "value": "Rosa P."})
    assert cli("apply", "--only", "group support", "--yes").exit_code == 2
    assert cli("apply", "--only", "describe", "--yes").exit_code == 2
    assert len(calls(hexnode, "PUT")) == 1
    assert len(calls(hexnode)) == before
    assert cli("apply", "--only", "group sales", "--yes").exit_code == 0
    assert at_hexnode(hexnode) == {"Sales": 3, "Support": 1}


@pytest.mark.parametrize(
    ("only", "sentence"),
    [
        ("group Nowhere", "There is no group Nowhere here."),
        ("user nobody", "There is no user nobody here."),
        ("grants", '--only grants is neither a lane (protect, withdraw, grant, describe, survey) nor "group NAME"'),
        ("group", "--only group is neither a lane"),
    ],
)
def test_only_what_there_is(fault, scim, only, sentence):
    assert fault("apply", "--only", only).startswith(sentence)


def test_where_another_process_drives_it_says_so(cli, scim, hexnode, engine):
    two_groups(scim)
    with writing(engine) as connection:
        lease.hold(connection, "default", "host-1:4711", utc_now(), timedelta(seconds=45))
    result = cli("apply", "--yes")
    assert result.exit_code == 1
    assert "host-1:4711 drives the portal default and sends what waits" in result.stderr
    assert calls(hexnode) == []


def test_on_a_pause_it_stops_with_the_reason_and_gives_the_lease_back(cli, scim, hexnode):
    two_groups(scim)
    throttle = {"kind": "throttle", "path": "/api/v1/", "seconds": 300}
    requests.post(f"{hexnode}/_simulator/faults", json=throttle, timeout=5).raise_for_status()
    result = cli("apply", "--yes")
    assert result.exit_code == 1
    assert "pauses until" in result.stderr
    assert "(throttled)" in result.stderr
    assert "driver       none running" in cli("status").stdout


def test_in_observe_mode_nothing_is_sent_unless_it_is_said_for_this_once(cli, observing, scim, hexnode):
    two_groups(scim)
    result = cli("apply", "--yes")
    assert result.exit_code == 1
    assert "default: in observe mode nothing is sent; --enforce-once sends this once." in result.stderr
    assert calls(hexnode) == []
    assert cli("apply", "--enforce-once", "--yes").exit_code == 0
    assert at_hexnode(hexnode) == {"Sales": 1, "Support": 1}
