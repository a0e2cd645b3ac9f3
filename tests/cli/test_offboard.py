"""`scim-bridge offboard`: shows first, asks, and opens one case for each person and for nobody else."""

import getpass

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select, update

from scim_bridge import config
from scim_bridge.cli.main import main
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading, writing
from scim_bridge.directory.tables import users
from scim_bridge.offboarding import stops
from scim_bridge.offboarding.tables import cases, offboarding_holds
from scim_bridge.provisioning import policy_file
from scim_bridge.provisioning.tables import seen_devices
from tests.app import ENTERPRISE_URN, ScimClient
from tests.cli.company import at_hexnode

POLICY = """
[portals.main]
url = "http://127.0.0.1:9"
api_key_env = "SCIM_BRIDGE_HEXNODE_API_KEY"

[tenants.default]
portal = "main"

[tenants.default.protected]
users = ["chief*"]
"""
OTHER = """
[tenants.other]
portal = "main"
"""
HR = """
[tenants.default.hr]
secrets_env = ["HR_SECRET"]
urgent_per_day = 1
"""


@pytest.fixture
def environ(environ, database_url, tmp_path):
    """On both databases, with a policy of one tenant."""
    (tmp_path / "policy.toml").write_text(POLICY)
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    environ["SCIM_BRIDGE_POLICY"] = str(tmp_path / "policy.toml")
    return environ


@pytest.fixture
def scim(environ, engine):
    return ScimClient(engine, policy_file.load(config.read(environ)), utc_now, "default")


@pytest.fixture
def ada(scim):
    number = {ENTERPRISE_URN: {"employeeNumber": "007"}}
    return scim.user("ada", displayName="Ada", externalId="X1", emails=[{"value": "ada@acme.test"}], **number)


@pytest.fixture
def typed(environ):
    """`typed("y", "offboard", "ada")`: the result when that is typed at the question."""

    def run(text, *arguments):
        return CliRunner().invoke(main, arguments, input=f"{text}\n", env=environ)

    return run


@pytest.fixture
def file(tmp_path):
    """`file("userName", "ada")`: the name of a file of these lines."""

    def write(*lines):
        (tmp_path / "leavers.csv").write_text("\n".join(lines))
        return str(tmp_path / "leavers.csv")

    return write


def lines(result):
    assert result.exit_code == 0, result.output
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


def opened(engine):
    """The cases on record, by person."""
    columns = (cases.c.user_id, cases.c.trigger, cases.c.requested_by, cases.c.reason, cases.c.urgent)
    with reading(engine) as connection:
        return {row.user_id: tuple(row)[1:] for row in connection.execute(select(*columns))}


def device_of(engine, hexnode_id, number, name):
    device = {
        "portal": "main", "hexnode_id": number, "owner_id": hexnode_id, "name": name, "serial": f"S{number}",
        "compliant": True, "seen_at": utc_now(),
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(insert(seen_devices).values(**device))


# One person


@pytest.mark.parametrize("name", ["ADA", "ada@acme.test", "X1", "id"])
def test_a_person_of_any_name_is_shown_and_offboarded(cli, engine, ada, name):
    shown = lines(cli("offboard", ada if name == "id" else name, "--reason", "Left.", "--yes"))
    assert shown[0] == f"ada (id {ada}, tenant default, active)"
    assert "devices none seen by the last survey" in shown
    assert "recipe lock, leave_groups" in shown
    assert "guard 1 cases in the last hour with these, 10 allowed; 1 in the last day, 30 allowed" in shown
    assert opened(engine) == {ada: ("operator", f"cli:{getpass.getuser()}", "Left.", False)}


def test_the_devices_that_the_last_survey_saw_are_shown(cli, engine, ada):
    at_hexnode(engine, ada, 41, "Ada")
    device_of(engine, 41, 7, "Ada's Mac")
    device_of(engine, 41, 8, "Ada's phone")
    device_of(engine, 42, 9, "Eve's phone")
    shown = lines(cli("offboard", "ada", "--dry-run"))
    assert shown[1:3] == [
        "devices Ada's Mac (serial S7, never reported)",
        "Ada's phone (serial S8, never reported)",
    ]
    assert not any("Eve" in line for line in shown)


def test_nothing_is_done_before_the_answer_is_yes(cli, typed, engine, ada):
    assert "Offboard this person?" in typed("n", "offboard", "ada").output
    assert opened(engine) == {}
    assert typed("y", "offboard", "ada").exit_code == 0
    assert list(opened(engine)) == [ada]


def test_a_dry_run_asks_nothing_and_does_nothing(cli, engine, ada):
    assert "ada" in lines(cli("offboard", "ada", "--dry-run", "--yes"))[0]
    assert opened(engine) == {}


def test_a_protected_person_is_told_of_and_not_touched(cli, engine, scim):
    scim.user("chief")
    assert "protected 1, never touched (protected.users): chief" in lines(cli("offboard", "chief", "--yes"))
    assert opened(engine) == {}


def test_the_open_case_of_one_person_may_be_extended(cli, engine, ada):
    lines(cli("offboard", "ada", "--yes"))
    again = lines(cli("offboard", "ada", "--yes"))
    assert "open case 1, extended where this is more" in again
    assert again[-1] == "1 with an open case, extended where this is more."
    assert list(opened(engine)) == [ada]


def test_nobody_and_several_are_sentences(fault, scim, ada):
    scim.user("eve", emails=[{"value": "ada@acme.test"}])
    assert fault("offboard", "joan", "--yes") == (
        "Nobody in default has the userName, e-mail address, externalId or id joan."
    )
    told = fault("offboard", "ada@acme.test", "--yes")
    assert told.startswith("ada@acme.test names several people: ")
    assert f"ada (id {ada})" in told


def test_the_tenant_must_be_said_where_there_are_several(cli, fault, engine, ada, tmp_path):
    (tmp_path / "policy.toml").write_text(POLICY + OTHER)
    assert fault("offboard", "ada", "--yes") == "Say whose people with --tenant; the policy has: default, other."
    assert fault("offboard", "ada", "--tenant", "none") == "There is no tenant none; the policy has: default, other."
    assert fault("offboard", "ada", "--tenant", "other", "--yes").startswith("Nobody in other has")
    lines(cli("offboard", "ada", "--tenant", "default", "--yes"))
    assert list(opened(engine)) == [ada]


@pytest.mark.parametrize("arguments", [(), ("ada", "--group", "Crew")])
def test_one_of_the_three_ways_must_be_chosen(cli, arguments):
    result = cli("offboard", *arguments)
    assert result.exit_code == 2
    assert "Say one of: USER, --csv FILE, --group NAME." in result.stderr


def test_in_observe_mode_the_person_is_told_that_nothing_is_sent(cli, ada, tmp_path):
    (tmp_path / "policy.toml").write_text(POLICY.replace('portal = "main"', 'portal = "main"\nmode = "observe"'))
    shown = lines(cli("offboard", "ada", "--yes"))
    assert "mode observe: cases are opened, and nothing is sent to Hexnode" in shown
    assert not any("sends the locks" in line for line in shown)


# A file


def test_the_people_in_a_file_are_offboarded_each_with_the_reason(cli, engine, scim, ada, file):
    eve = scim.user("eve", active=False)
    name = file("employeeNumber;userName;reason", "007;ada;Left.", ";eve;")
    shown = lines(cli("offboard", "--csv", name, "--reason", "Season's end.", "--yes"))
    assert "tenant default: 2 would be offboarded" in shown
    assert "eve (inactive)" in shown
    assert "2 offboarded." in shown
    me = f"cli:{getpass.getuser()}"
    assert opened(engine) == {
        ada: ("operator", me, "Left.", False),
        eve: ("operator", me, "Season's end.", False),
    }


def test_the_count_must_be_typed(typed, engine, scim, ada, file):
    eve, name = scim.user("eve"), file("userName", "ada", "eve")
    for text in ("y", "", "1"):
        refused = typed(text, "offboard", "--csv", name)
        assert refused.exit_code == 1
        assert "That is not the number: nothing was done." in refused.output
    assert opened(engine) == {}
    assert "Type 2 to offboard them" in typed("2", "offboard", "--csv", name).output
    assert set(opened(engine)) == {ada, eve}


def test_a_dry_run_of_a_file_shows_the_guards_numbers(cli, engine, scim, file):
    names = [f"u{number:02}" for number in range(11)]
    for name in names:
        scim.user(name)
    ten = lines(cli("offboard", "--csv", file("userName", *names[:10]), "--dry-run"))
    assert "guard 10 cases in the last hour with these, 10 allowed; 10 in the last day, 30 allowed" in ten
    assert not any("over the limit" in line for line in ten)
    eleven = lines(cli("offboard", "--csv", file("userName", *names), "--dry-run"))
    assert "over the limit: it would wait until a person runs: scim-bridge release default" in eleven
    assert opened(engine) == {}


def test_what_stands_in_the_way_already_is_told(cli, engine, ada):
    assert not any(word in line for line in lines(cli("offboard", "ada", "--dry-run")) for word in ("held", "stopped"))
    with writing(engine) as connection:
        held = {"tenant": "default", "held_since": utc_now(), "reason": "12 cases"}
        connection.execute(insert(offboarding_holds).values(**held))
        stops.stop(connection, "default", "somebody", None, utc_now())
    shown = lines(cli("offboard", "ada", "--dry-run"))
    assert "held already: 12 cases; to let it go: scim-bridge release default" in shown
    assert "stopped default is stopped: nothing is sent until somebody runs: scim-bridge resume" in shown


def test_a_long_list_is_cut_and_counted(cli, scim, file):
    names = [f"u{number:02}" for number in range(21)]
    for name in names:
        scim.user(name)
    shown = lines(cli("offboard", "--csv", file("userName", *names), "--dry-run"))
    assert "u19" in shown
    assert "u20" not in shown
    assert "and 1 more" in shown


def test_faults_of_the_file_are_told_and_nothing_is_done(fault, engine, ada, file):
    name = file("userName,urgent", "ada,no", ",no", "eve,soon")
    assert [line.strip() for line in fault("offboard", "--csv", name, "--yes", "--skip-unknown").splitlines()] == [
        "Nothing was done.",
        "line 3: nobody is named here.",
        "line 4: urgent must be yes, no or empty.",
    ]
    assert opened(engine) == {}


def test_unknown_and_ambiguous_people_stop_everything_unless_they_may_be_skipped(cli, engine, scim, ada, file):
    for user in ("one", "two"):
        scim.user(user, emails=[{"value": "both@acme.test"}])
    name = file("userName,email", "ada,", "joan,", ",both@acme.test")
    refused = cli("offboard", "--csv", name, "--yes")
    assert refused.exit_code == 1
    told = [line.strip() for line in refused.stderr.splitlines()]
    assert told == [
        "Error: Nothing was done.",
        "line 3: nobody has the userName joan.",
        "line 4: email both@acme.test: that names 2 people.",
        "--skip-unknown leaves such lines out.",
    ]
    assert opened(engine) == {}
    shown = lines(cli("offboard", "--csv", name, "--yes", "--skip-unknown"))
    assert "skipped: line 3: nobody has the userName joan." in shown
    assert list(opened(engine)) == [ada]


def test_it_is_safe_to_run_again(cli, engine, scim, ada, file):
    name = file("userName", "ada", "ada", "eve")
    eve = scim.user("eve")
    assert "2 offboarded." in lines(cli("offboard", "--csv", name, "--yes"))
    with writing(engine) as connection:
        connection.execute(update(cases).where(cases.c.user_id == eve).values(state="done", closed_at=utc_now()))
    before = lines(cli("offboard", "--csv", name, "--dry-run"))
    assert "tenant default: 1 would be offboarded" in before
    assert "open case 1, skipped" in before
    assert "1 offboarded." in lines(cli("offboard", "--csv", name, "--yes"))
    assert "tenant default: 0 would be offboarded" in lines(cli("offboard", "--csv", name, "--yes"))
    with reading(engine) as connection:
        assert len(connection.execute(select(cases.c.id)).all()) == 3
        assert set(opened(engine)) == {ada, eve}


def test_who_gets_a_case_or_goes_while_the_operator_thinks_is_left_alone(cli, engine, scim, file, monkeypatch):
    ada, eve = scim.user("ada"), scim.user("eve")

    def meanwhile(*_, **__):
        cli("offboard", "ada", "--reason", "Meanwhile.", "--yes")
        with writing(engine) as connection:
            connection.execute(update(users).where(users.c.id == eve).values(deleted_at=utc_now()))
        return "2"

    monkeypatch.setattr("click.prompt", meanwhile)
    assert "1 gone, 1 skipped." in lines(cli("offboard", "--csv", file("userName", "ada", "eve"), "--reason", "Later."))
    assert {user: case[2] for user, case in opened(engine).items()} == {ada: "Meanwhile."}


def test_urgent_ones_count_as_far_as_the_policy_allows(cli, engine, scim, file, tmp_path):
    ada, eve, name = scim.user("ada"), scim.user("eve"), file("userName,urgent", "ada,yes", "eve,yes")
    (tmp_path / "policy.toml").write_text(f"{POLICY}{HR}")
    shown = lines(cli("offboard", "--csv", name, "--yes", HR_SECRET=f"whsec_{'c2Vj' * 8}"))
    assert "ada, urgent" in shown
    assert "urgent 2; the policy allows 1 more today, the others are ordinary ones" in shown
    assert {user: case[-1] for user, case in opened(engine).items()} == {ada: True, eve: False}


# A group


def test_everybody_in_a_group_and_in_the_groups_in_it_is_offboarded_once(cli, engine, scim, ada):
    eve, joan = scim.user("eve"), scim.user("joan")
    inner = scim.group("Night shift", eve, ada)
    gone = scim.user("gone")
    scim.send("DELETE", f"/Users/{gone}")
    scim.group("Summer crew", inner, ada, gone, "nobody-yet")
    scim.group("Others", joan)
    shown = lines(cli("offboard", "--group", "summer crew", "--yes"))
    assert "tenant default: 2 would be offboarded" in shown
    assert {user for user, case in opened(engine).items() if case[0] == "operator"} == {ada, eve}


def test_a_group_asks_for_the_count_and_one_that_is_not_there_is_a_sentence(typed, fault, engine, scim, ada):
    scim.group("Crew", ada)
    assert typed("yes", "offboard", "--group", "Crew").exit_code == 1
    assert opened(engine) == {}
    assert fault("offboard", "--group", "Crews", "--yes") == "default has no group Crews of the IdP."
