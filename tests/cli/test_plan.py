"""`scim-bridge plan`: what differs, whose change it was, the calls in order, the forecast, and the exit code."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from scim_bridge import config
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import writing
from scim_bridge.provisioning import accounts, policy_file
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.tables import accounts as account_rows
from scim_bridge.provisioning.tables import placements
from tests.app import ScimClient
from tests.cli.company import at_hexnode, busy_company, group_at_hexnode, lines, mass_withdrawal


@pytest.fixture
def environ(environ, database_url):
    """On both databases."""
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    return environ


@pytest.fixture
def scim(environ, engine):
    return ScimClient(engine, policy_file.load(config.read(environ)), utc_now, "default")


def shown(cli, *arguments, exit_code=2):
    return lines(cli("plan", *arguments), exit_code)


def test_nothing_differs_in_an_empty_database(cli):
    assert shown(cli, exit_code=0) == [
        "portal default http://127.0.0.1:9/api/v1/",
        "tenant default (enforce): nothing differs",
        "totals: protect 0, withdraw 0, grant 0, describe 0; 0 calls",
        "Hexnode's devices are not counted yet: the day is taken to have 100 calls",
    ]


def test_what_is_to_be_made_comes_with_its_people(cli, scim):
    busy_company(scim)
    assert shown(cli)[1:6] == [
        "tenant default (enforce)",
        "! lock the devices of 1 person",
        "+ user ada@acme.test: Ada",
        "+ user grace@acme.test: Grace",
        "+ group Sales",
    ]
    assert "+ 2 members of Sales: ada@acme.test, grace@acme.test" in shown(cli)


def test_the_calls_stand_in_order_with_time_and_lane(cli, scim):
    busy_company(scim)
    printed = shown(cli)
    calls = printed[printed.index("calls, in order") + 1 : -3]
    now = f"{utc_now():%H:%M}"
    assert [call.split(maxsplit=1)[1] for call in calls] == [
        "withdraw read users, page 1",
        "grant read devices, page 1",
        "grant read users, page 1",
        "grant create user ada@acme.test",
        "grant create user grace@acme.test",
        "grant create group Sales with 2 members",
    ]
    assert {call.split()[0] for call in calls} <= {now, f"{utc_now() - timedelta(minutes=1):%H:%M}"}
    assert printed[-1] == "at this allowance the backlog is sent at once"


def test_a_change_of_ours_shows_old_and_new(cli, scim, engine):
    ada = scim.user("ada@acme.test", displayName="Ada Lovelace")
    at_hexnode(engine, ada, 2, "Ada")
    assert "~ user ada@acme.test: name: Ada -> Ada Lovelace" in shown(cli)


def test_what_was_changed_in_the_console_is_told_apart_from_ours(cli, scim, engine):
    ada, bob = (scim.user(f"{name}@acme.test", displayName=name.title()) for name in ("ada", "bob"))
    sales = scim.group("Sales", ada, bob)
    for number, (user_id, name) in enumerate([(ada, "Ada"), (bob, "Bob")]):
        at_hexnode(engine, user_id, 2 + number, name)
    group = group_at_hexnode(engine, sales, 7, "Sales", ada, bob)
    now = utc_now()
    with writing(engine) as connection:
        renamed = update(account_rows).where(account_rows.c.user_id == ada)
        connection.execute(renamed.values(observed_name="Adda", drifted_at=now))
        taken_out = update(placements).where(placements.c.key == group.key, placements.c.user_id == ada)
        connection.execute(taken_out.values(observed=False, drifted_at=now))
    scim.patch(f"/Groups/{sales}", {"op": "remove", "path": "members", "value": [{"value": bob}]})
    found, seen = shown(cli), f"(changed in the console, seen {now:%Y-%m-%d %H:%M})"
    assert f"~ user ada@acme.test: name: Adda -> Ada {seen}" in found
    assert f"+ 1 members of Sales: ada@acme.test {seen}" in found
    assert "- 1 members of Sales: bob@acme.test" in found


def test_a_group_of_many_names_ten_and_counts_the_rest(cli, scim, engine):
    mass_withdrawal(scim, engine, people=13)
    (line,) = (line for line in shown(cli) if line.startswith("- "))
    assert line.startswith("- 13 members of Sales: p0@acme.test, ")
    assert line.endswith(" and 3 more")
    assert line.count("@acme.test") == 10


def test_a_long_plan_is_cut_and_its_time_told(cli, scim):
    for number in range(41):
        scim.user(f"user{number}@acme.test")
    printed = shown(cli)
    assert any(line.startswith("... and ") for line in printed)
    until = utc_now() + timedelta(minutes=2)
    expected = [f"at this allowance the backlog takes 2 min (until {moment:%H:%M} UTC)" for moment in _around(until)]
    assert printed[-1] in expected


def _around(moment):
    return moment - timedelta(minutes=1), moment


def test_held_withdrawals_are_no_calls_and_the_command_is_named(cli, scim, engine):
    mass_withdrawal(scim, engine, people=51)
    found = "\n".join(shown(cli))
    assert "calls, in order" not in found
    assert "HELD since" in found
    assert "51 withdrawals wait" in found
    assert "scim-bridge release default" in found


def test_what_hexnode_refused_still_differs(cli, scim, engine):
    ada = scim.user("ada@acme.test", displayName="Ada")
    with writing(engine) as connection:
        accounts.stop(connection, AccountKey("default", ada), "Hexnode refused: email: not allowed.")
    assert "1 waiting for a person: scim-bridge status says why" in shown(cli)
    with writing(engine) as connection:
        accounts.stop(connection, AccountKey("default", ada), "PROTECTED: the policy protects this person.")
    shown(cli, exit_code=0)


def test_programs_read_it_as_json(cli, scim):
    busy_company(scim)
    (found,) = json.loads(cli("plan", "--json").stdout)
    assert found["differs"] is True
    assert found["tenants"][0]["waiting"]["grant"] == 5
    assert {"sign": "+", "what": "group", "name": "Sales", "details": [], "count": 1, "by_console": None} in (
        found["tenants"][0]["changes"]
    )
    assert found["calls"][-1]["call"] == "create group Sales with 2 members"
    assert found["calls"][-1]["lane"] == "grant"


def test_a_plan_can_be_asked_for_one_tenant(cli, fault):
    assert cli("plan", "default").exit_code == 0
    assert fault("plan", "acme") == "There is no tenant acme; the policy has: default."


def test_the_key_is_never_shown(cli, scim):
    busy_company(scim)
    assert "simulator-key" not in cli("plan").output
