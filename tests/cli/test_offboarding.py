"""`scim-bridge offboarding`: what people see of cases, what they decide, and that it is on record who did."""

import getpass
import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from sqlalchemy import insert, update

from scim_bridge import config
from scim_bridge.cli.offboarding import offboarding
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery.tables import journal
from scim_bridge.offboarding import cases, sealed
from scim_bridge.offboarding import reading as views
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.tables import device_actions, steps
from scim_bridge.offboarding.triggers import Leaver
from scim_bridge.provisioning import policy_file
from tests.app import ScimClient
from tests.offboarding.samples import device

DIGEST = "3f2a91c0" + "0" * 56
ME = f"cli:{getpass.getuser()}"


@pytest.fixture
def environ(environ, database_url):
    """On both databases."""
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    return environ


@pytest.fixture
def cli(environ):
    """`cli("show", case_id)`: the result, which no exception may have caused."""

    def run(*arguments, typed="", **settings):
        result = CliRunner().invoke(offboarding, arguments, input=typed, env={**environ, **settings})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


@pytest.fixture
def ada(environ, engine):
    """Somebody in the directory."""
    scim = ScimClient(engine, policy_file.load(config.read(environ)), utc_now, "default")
    return scim.user("ada@acme.test", displayName="Ada")


def opened(engine, user_id, *words, requested_by="cli:ann"):
    with writing(engine) as connection:
        leaver = Leaver("default", user_id, "operator", requested_by, "left on Monday")
        return cases.open_for(connection, leaver, recipe_of(*words), utc_now())


def planned(engine, user_id, *device_ids, requested_by="cli:ann"):
    """A case that waits for an approval of a wipe of these devices."""
    case_id = opened(engine, user_id, "leave_groups", "approve", "wipe", requested_by=requested_by)
    with writing(engine) as connection:
        for each in device_ids or (12,):
            values = {"tenant": "default", "case_id": case_id, "user_id": user_id, "changed_at": utc_now()}
            connection.execute(insert(device_actions).values(**vars(device(30, "wipe", "planned", each, **values))))
        cases.planned(connection, "default", case_id, DIGEST, utc_now())
    return case_id


def put(engine, case_id, **values):
    with writing(engine) as connection:
        connection.execute(update(steps).where(steps.c.case_id == case_id).values(**values))


def case_of(engine, case_id):
    with reading(engine) as connection:
        return views.one(connection, "default", case_id)


def states(engine, case_id):
    return {step.kind: step.state for step in case_of(engine, case_id).steps}


def on_record(engine, case_id, what):
    return [event for event in case_of(engine, case_id).events if event.what == what]


def said(result, exit_code=0):
    assert result.exit_code == exit_code, result.output
    return result.output


class TestList:
    def test_it_shows_who_and_what_each_case_waits_for(self, cli, engine, ada):
        case_id = opened(engine, ada, "lock", "hold 24h")
        first, second = said(cli("list")).splitlines()
        assert first.startswith(case_id)
        assert "ada@acme.test  (operator, open)" in first
        assert "lock waits for the driver's next call; hold waits for a hold until" in second

    def test_it_is_narrowed_by_state_and_person(self, cli, engine, ada):
        case_id = planned(engine, ada)
        assert case_id in said(cli("list", "--state", "approval"))
        assert case_id in said(cli("list", "--person", "ADA@acme.test"))
        for none in ("held", "doubt", "person", "overdue", "closed"):
            assert said(cli("list", "--state", none)) == "There is no such case.\n"
        assert "Nobody has the userName" in said(cli("list", "--person", "bob"), 1)
        assert "There is no tenant acme" in said(cli("list", "--tenant", "acme"), 1)

    def test_as_json_it_says_what_each_step_and_device_waits_for(self, cli, engine, ada):
        case_id = planned(engine, ada)
        (told,) = json.loads(said(cli("list", "--json")))
        assert (told["id"], told["person"], told["digest"]) == (case_id, "ada@acme.test", DIGEST)
        assert told["steps"][0]["waits_for"] is None
        assert told["steps"][1]["waits_for"].startswith("an approval of plan 3f2a91c00000, until ")
        assert told["steps"][2]["waits_for"] == "the approve before it"
        assert told["actions"][0]["waits_for"] == "the turn of step 30"

    def test_what_is_overdue_is_a_state_too(self, cli, engine, ada):
        case_id = opened(engine, ada, "lock")
        put(engine, case_id, deadline_at=utc_now() - timedelta(seconds=1))
        assert case_id in said(cli("list", "--state", "overdue"))


class TestShow:
    def test_it_has_the_steps_the_devices_and_what_is_on_record(self, cli, engine, ada):
        case_id = planned(engine, ada)
        told = said(cli("show", case_id[:-4]))
        for part in (
            f"case {case_id}  ada@acme.test  (tenant default)",
            "operator, asked for by cli:ann",
            "left on Monday",
            "plan       3f2a91c00000",
            "awaiting approval, waits for an approval of plan 3f2a91c00000",
            "device 12 Ada's phone (iOS, serial ...2345), corporate: planned",
            "opened by cli:ann: left on Monday",
        ):
            assert part in told, part
        assert "C02XYZ12345" not in told

    def test_what_people_call_their_devices_moves_no_terminal(self, cli, engine, ada):
        case_id = planned(engine, ada)
        with writing(engine) as connection:
            connection.execute(update(device_actions).values(name="\x1b[2Jphone", note="\x1b[1mevil"))
        assert "\x1b" not in said(cli("show", case_id))

    def test_an_id_that_names_none_or_several(self, cli, engine, ada):
        opened(engine, ada, "lock")
        opened(engine, "bob", "lock")
        assert "There is no case nothing" in said(cli("show", "nothing"), 1)
        assert "Several cases" in said(cli("show", "0"), 1)


class TestApprove:
    def test_it_shows_what_is_let_go_and_wants_the_number_typed(self, cli, engine, ada):
        case_id = planned(engine, ada, 12, 13)
        told = said(cli("approve", case_id, "--plan", DIGEST[:12], "--reason", "seen", typed="2\n"))
        for part in (
            "ada@acme.test  (tenant default, plan 3f2a91c00000)",
            "asked for by cli:ann: left on Monday",
            "then follow: wipe",
            "device 12 Ada's phone (iOS, serial ...2345), corporate, last seen 2026-03-01 12:00 UTC",
            "device 13 ",
            "Approved",
        ):
            assert part in told, part
        assert states(engine, case_id)["wipe"] == "ready"
        (event,) = on_record(engine, case_id, "approved")
        assert (event.who, event.reason, event.detail["account"]) == (ME, "seen", None)

    def test_it_shows_what_a_wipe_is_told_besides(self, cli, engine, ada):
        case_id = planned(engine, ada)
        with writing(engine) as connection:
            connection.execute(update(device_actions).values(options={"keep_esim": True}))
        assert 'with {"keep_esim": true}' in said(cli("approve", case_id, "--plan", DIGEST, "--yes"))

    @pytest.mark.parametrize("typed", ["1\n", "y\n", "\n", ""])
    def test_without_that_number_nothing_is_approved(self, cli, engine, ada, typed):
        case_id = planned(engine, ada, 12, 13)
        said(cli("approve", case_id, "--plan", DIGEST, typed=typed), 1)
        assert states(engine, case_id)["approve"] == "awaiting_approval"

    def test_yes_asks_for_none(self, cli, engine, ada):
        case_id = planned(engine, ada)
        said(cli("approve", case_id, "--plan", DIGEST, "--yes"))
        assert states(engine, case_id)["approve"] == "confirmed"

    def test_who_asked_for_it_does_not_approve_it(self, cli, engine, ada):
        case_id = planned(engine, ada, requested_by=ME)
        assert "somebody else must" in said(cli("approve", case_id, "--plan", DIGEST, "--yes"), 1)
        assert states(engine, case_id)["approve"] == "awaiting_approval"

    def test_who_somebody_says_to_be_is_on_record_with_the_account(self, cli, engine, ada):
        case_id = planned(engine, ada, requested_by="cli:ann")
        said(cli("approve", case_id, "--plan", DIGEST, "--yes", "--as", "ann"), 1)
        said(cli("approve", case_id, "--plan", DIGEST, "--yes", "--as", "eve"))
        (event,) = on_record(engine, case_id, "approved")
        assert (event.who, event.detail["account"]) == ("cli:eve", ME)

    def test_another_plan_is_refused_before_anything_is_shown(self, cli, engine, ada):
        case_id = planned(engine, ada)
        told = said(cli("approve", case_id, "--plan", "3f2a91c1"), 1)
        assert "That is not the plan as it stands now" in told
        assert "device 12" not in told

    def test_an_expired_one_says_what_to_do(self, cli, engine, ada):
        case_id = planned(engine, ada)
        put(engine, case_id, due_at=utc_now() - timedelta(seconds=1))
        assert f"offboarding retry {case_id} 20 --reason TEXT" in said(cli("approve", case_id, "--plan", DIGEST), 1)

    def test_what_is_about_no_device_is_asked_as_a_question(self, cli, engine, ada):
        case_id = opened(engine, ada, "leave_groups", "approve", "delete_user")
        digest = case_of(engine, case_id).digest[:12]
        said(cli("approve", case_id, "--plan", digest, typed="n\n"), 1)
        said(cli("approve", case_id, "--plan", digest, typed="y\n"))
        assert states(engine, case_id)["delete_user"] == "ready"


class TestOtherDecisions:
    def test_cancel(self, cli, engine, ada):
        case_id = planned(engine, ada)
        assert "cancelled" in said(cli("cancel", case_id, "--reason", "a mistake"))
        assert (case_of(engine, case_id).state, states(engine, case_id)["wipe"]) == ("cancelled", "cancelled")
        (event,) = on_record(engine, case_id, "cancel_ordered")
        assert (event.who, event.reason) == (ME, "a mistake")
        assert "The case is closed" in said(cli("cancel", case_id, "--reason", "again"), 1)

    def test_retry_says_what_it_waits_for_then(self, cli, engine, ada):
        case_id = opened(engine, ada, "lock")
        put(engine, case_id, state="refused")
        assert "lock waits for the driver's next call" in said(cli("retry", case_id, "10", "--reason", "fixed"))
        assert on_record(engine, case_id, "lock.retried")[0].who == ME
        assert "only what was refused" in said(cli("retry", case_id, "10", "--reason", "fixed"), 1)

    @pytest.mark.parametrize(("outcome", "state"), [("done", "confirmed"), ("refused", "cancelled")])
    def test_resolve_a_device(self, cli, engine, ada, outcome, state):
        case_id = planned(engine, ada)
        with writing(engine) as connection:
            connection.execute(update(device_actions).values(state="in_doubt", needs_person=True))
        put(engine, case_id, state="in_doubt")
        said(cli("resolve", case_id, "30", "--device", "12", "--as", outcome, "--reason", "looked at it"))
        (action,) = case_of(engine, case_id).actions
        assert (action.state, action.note) == (state, "looked at it")

    @pytest.mark.parametrize("command", ["cancel", "retry", "resolve"])
    def test_each_wants_a_reason(self, cli, command):
        arguments = {"cancel": ["x"], "retry": ["x", "10"], "resolve": ["x", "10", "--as", "done"]}[command]
        assert "--reason" in said(cli(command, *arguments), 2)


class TestReport:
    def test_it_has_the_calls_about_this_person_since_the_case_was_opened(self, cli, engine, ada):
        before = {
            "sent_at": utc_now() - timedelta(hours=1),
            "kind": "Before",
            "subject": {"tenant": "default", "user_ids": [ada]},
        }
        case_id = opened(engine, ada, "lock")
        rows = [
            before,
            {**before, "sent_at": utc_now(), "kind": "TellDevices"},
            {**before, "sent_at": utc_now(), "kind": "OtherTenant", "subject": {"tenant": "acme", "user_ids": [ada]}},
            {
                **before,
                "sent_at": utc_now(),
                "kind": "SomebodyElse",
                "subject": {"tenant": "default", "user_ids": ["bob"]},
            },
        ]
        with writing(engine) as connection:
            for row in rows:
                connection.execute(insert(journal).values(portal="default", fence=1, lane=0, **row))
        told = said(cli("report", case_id))
        assert "call TellDevices; outcome no answer" in told
        for other in ("Before", "OtherTenant", "SomebodyElse"):
            assert other not in told

    def test_as_json_and_as_a_page_in_a_file(self, cli, engine, ada, tmp_path):
        case_id = planned(engine, ada)
        assert json.loads(said(cli("report", case_id, "--format", "json")))["person"] == "ada@acme.test"
        file = tmp_path / "case.html"
        assert "Written to" in said(cli("report", case_id, "--format", "html", "--output", str(file)))
        page = file.read_text("utf-8")
        assert page.startswith("<!DOCTYPE html>")
        assert "ada@acme.test" in page

    def test_a_file_that_cannot_be_written(self, cli, engine, ada, tmp_path):
        case_id = opened(engine, ada, "lock")
        assert "cannot be written" in said(cli("report", case_id, "--output", str(tmp_path / "none" / "file")), 1)


class TestOverdue:
    def test_nothing_is_and_the_exit_code_says_so(self, cli, engine, ada):
        opened(engine, ada, "lock")
        assert said(cli("overdue")) == "Nothing is overdue.\n"

    def test_what_is_late_and_since_when(self, cli, engine, ada):
        case_id = opened(engine, ada, "lock")
        put(engine, case_id, deadline_at=utc_now() - timedelta(seconds=1))
        told = said(cli("overdue"), 2)
        assert f"{case_id}  ada@acme.test: step 10: lock ready, late since " in told
        (found,) = json.loads(said(cli("overdue", "--json"), 2))
        assert (found["case_id"], found["position"], found["kind"]) == (case_id, 10, "lock")


class TestPin:
    KEY = Fernet.generate_key().decode()

    def locked(self, engine, ada):
        case_id = opened(engine, ada, "lock")
        put(engine, case_id, state="accepted", pin=sealed.seal([self.KEY], "493027"))
        return case_id

    def test_it_is_shown_and_who_looked_is_on_record(self, cli, engine, ada):
        case_id = self.locked(engine, ada)
        keys = {"SCIM_BRIDGE_ENCRYPTION_KEYS": self.KEY}
        assert said(cli("pin", case_id, "--reason", "device came back", **keys)) == "step 10: 493027\n"
        (event,) = on_record(engine, case_id, "pin.shown")
        assert (event.who, event.reason, event.position, event.detail) == (ME, "device came back", 10, None)

    def test_it_is_shown_nowhere_else(self, cli, engine, ada):
        case_id = self.locked(engine, ada)
        shown = [case_of(engine, case_id).steps[0].pin, "493027"]
        for command in (["show", case_id], ["show", case_id, "--json"], ["report", case_id], ["list", "--json"]):
            told = said(cli(*command, SCIM_BRIDGE_ENCRYPTION_KEYS=self.KEY))
            assert not [each for each in shown if each in told]

    def test_without_the_right_key_nothing_is_shown_nor_noted(self, cli, engine, ada):
        case_id = self.locked(engine, ada)
        assert "SCIM_BRIDGE_ENCRYPTION_KEYS is not set" in said(cli("pin", case_id), 1)
        other = Fernet.generate_key().decode()
        assert "cannot be read" in said(cli("pin", case_id, SCIM_BRIDGE_ENCRYPTION_KEYS=other), 1)
        assert on_record(engine, case_id, "pin.shown") == []

    def test_a_case_without_one(self, cli, engine, ada):
        assert "No device of this case" in said(cli("pin", opened(engine, ada, "lock")), 1)
