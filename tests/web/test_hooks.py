"""`POST /hooks/hr/{tenant}`: a signed event opens one case, however often and however fast it comes; no other does."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select
from standardwebhooks import Webhook
from structlog.testing import capture_logs

from scim_bridge.db.engine import TookTooLongError, reading, writing
from scim_bridge.directory import finding
from scim_bridge.offboarding import hook_events as hook_rows
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.tables import cases, hook_events, steps
from scim_bridge.offboarding.triggers import OPERATOR, Leaver
from scim_bridge.provisioning import leaving
from scim_bridge.provisioning.policy import Hooks, Policy, TenantPolicy
from scim_bridge.web.bodies import MAX_BODY
from tests.app import ENTERPRISE_URN, ScimClient, one_tenant

SECRET, OLD_SECRET = (f"whsec_{base64.b64encode(letter * 24).decode()}" for letter in (b"n", b"o"))
JSON = "application/json"


def policy(**hooks):
    """A tenant with the webhook, and one without."""
    one = one_tenant(
        hooks=Hooks((SECRET, OLD_SECRET), **hooks),
        on_hr_event=recipe_of("lock", "leave_groups", "hold 1h", "approve", "wipe"),
        protected_users=("chief@*",),
    )
    return Policy(one.portals, {**one.tenants, "quiet": TenantPolicy("quiet", "acme")})


@pytest.fixture
def scim(engine, clock):
    return ScimClient(engine, policy(urgent_per_day=2), clock)


@pytest.fixture
def ada(scim):
    return scim.user(
        "ada", externalId="X1", emails=[{"value": "ada@acme.test"}], **{ENTERPRISE_URN: {"employeeNumber": "007"}}
    )


@pytest.fixture
def hook(scim, clock):
    """`hook({"userName": "ada"})`: the answer to a signed termination; headers are written with underscores."""

    def send(data, message="msg_1", secret=SECRET, tenant="acme", kind="employee.terminated", **headers):
        body = data if isinstance(data, bytes) else json.dumps({"type": kind, "data": data}).encode()
        stamp = int(clock().timestamp())
        signed = Webhook(secret).sign(message, datetime.fromtimestamp(stamp, UTC), body.decode("utf-8", "replace"))
        sent = {"Webhook-Id": message, "Webhook-Timestamp": str(stamp), "Webhook-Signature": signed}
        sent |= {"Content-Type": JSON} | {name.replace("_", "-"): value for name, value in headers.items()}
        return scim.app.test_client().post(f"/hooks/hr/{tenant}", data=body, headers=sent)

    return send


def problem(response, status):
    """Assert that this is a problem of that status; gives its sentence."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json
    assert set(body) == {"type", "title", "status", "detail"}
    assert (body["type"], body["status"]) == ("about:blank", status)
    return body["detail"]


def done(response):
    assert response.status_code == 202, response.text
    assert response.headers["Content-Type"] == JSON
    return response.json


def opened(engine):
    """The cases on record."""
    columns = (cases.c.user_id, cases.c.trigger, cases.c.requested_by, cases.c.reason, cases.c.urgent)
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(cases.c.opened_at))]


def on_record(engine):
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(hook_events)).scalar_one()


# What an event does


@pytest.mark.parametrize(
    "data",
    [
        {"email": "ADA@acme.test"},
        {"userName": "Ada"},
        {"externalId": "X1"},
        {"employeeNumber": "007"},
        {"email": "ada@acme.test", "userName": "ada", "externalId": "X1", "employeeNumber": "007"},
    ],
)
def test_a_signed_event_opens_the_case_of_its_person(hook, engine, ada, data):
    told = done(hook({**data, "reason": "Left."}))
    assert (told["person"], told["state"]) == (ada, "open")
    assert opened(engine) == [(ada, "hr_event", "hr", "Left.", False)]
    with reading(engine) as connection:
        kinds = connection.execute(select(steps.c.kind).order_by(steps.c.position)).scalars().all()
    assert kinds == ["lock", "leave_groups", "hold", "approve", "wipe"]


def test_the_secret_before_the_last_one_is_good_as_well(hook, engine, ada):
    done(hook({"userName": "ada"}, secret=OLD_SECRET))
    assert len(opened(engine)) == 1


def test_no_token_and_no_session_is_asked_for_and_a_token_does_not_help(hook, scim, engine, ada):
    problem(hook({"userName": "ada"}, Authorization=f"Bearer {scim.token}", Webhook_Signature="v1,x"), 401)
    assert opened(engine) == []


def test_an_event_of_another_type_is_taken_and_nothing_is_done(hook, engine, ada):
    assert done(hook({"userName": "ada"}, kind="employee.hired")) == {"ignored": True}
    assert (opened(engine), on_record(engine)) == ([], 0)


def test_a_protected_person_gets_no_case_and_the_answer_says_so(hook, engine, scim):
    chief = scim.user("Chief@acme.test")
    assert done(hook({"userName": "chief@acme.test"})) == {"person": chief, "protected": True}
    assert opened(engine) == []


def test_an_inactive_person_is_found(hook, scim, engine):
    away = scim.user("away", active=False)
    assert done(hook({"userName": "away"}))["person"] == away


# The same event again


def test_the_same_event_again_is_answered_the_same_and_does_nothing(hook, engine, ada, clock):
    first = done(hook({"userName": "ada"}))
    with writing(engine) as connection:
        connection.execute(cases.update().values(state="done", closed_at=clock()))
    clock.advance(days=3)
    assert done(hook({"userName": "ada"})) == first
    assert len(opened(engine)) == 1
    assert done(hook({"userName": "ada"}, message="msg_2")) != first
    assert len(opened(engine)) == 2


def test_of_those_that_arrive_at_the_same_moment_one_is_acted_on(hook, engine, ada, monkeypatch):
    together, leave, left, found = Barrier(4), leaving.leave, [], finding.found

    def found_together(*asked):
        together.wait(30)  # by now each of them has seen that the event is new
        return found(*asked)

    def noted(*told):
        left.append(told)
        return leave(*told)

    monkeypatch.setattr(finding, "found", found_together)
    monkeypatch.setattr(leaving, "leave", noted)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: done(hook({"userName": "ada"})), range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert (len(left), len(opened(engine)), on_record(engine)) == (1, 1, 1)


def test_another_event_under_a_used_id_is_refused_and_not_lost_in_silence(hook, scim, engine, ada):
    done(hook({"userName": "ada"}))
    scim.user("eve")
    assert "used for another event" in problem(hook({"userName": "eve"}), 409)
    assert len(opened(engine)) == 1


def test_an_id_counts_within_its_tenant_only(engine, clock, hook, ada):
    key = hook_rows.EventKey("other", "msg_1", "digest")
    with writing(engine) as connection:
        hook_rows.claim(connection, key, clock())
        hook_rows.answer(connection, key, 202, {})
    assert done(hook({"userName": "ada"}))["person"] == ada


def test_what_found_nobody_may_be_sent_again_when_the_person_is_there(hook, scim, engine):
    problem(hook({"userName": "late"}), 404)
    assert on_record(engine) == 0
    late = scim.user("late")
    assert done(hook({"userName": "late"}))["person"] == late


def test_when_the_case_cannot_be_opened_the_event_has_not_been_taken(hook, engine, ada, monkeypatch):
    with monkeypatch.context() as broken, capture_logs():
        broken.setattr(leaving, "leave", lambda *_: 1 / 0)
        problem(hook({"userName": "ada"}), 500)
    assert (opened(engine), on_record(engine)) == ([], 0)
    assert done(hook({"userName": "ada"}))["person"] == ada


def test_ids_are_remembered_for_a_month(hook, scim, engine, ada, clock):
    done(hook({"userName": "ada"}))
    scim.user("eve")
    clock.advance(days=30)
    done(hook({"userName": "eve"}, message="msg_2"))
    assert on_record(engine) == 2
    clock.advance(seconds=1)
    done(hook({"userName": "eve"}, message="msg_3"))
    assert on_record(engine) == 2


# Urgent ones


def urgencies(hook, scim, number, start=0):
    """The answers to so many urgent events, each about somebody new."""
    names = [f"u{start + each}" for each in range(number)]
    for name in names:
        scim.user(name)
    return [done(hook({"userName": name, "urgent": True}, message=name)) for name in names]


def test_so_many_events_a_day_may_be_urgent_and_the_rest_are_told(hook, scim, engine, clock):
    answers = urgencies(hook, scim, 3)
    assert [answer["urgent"] for answer in answers] == [True, True, False]
    assert "ordinary" in answers[2]["note"]
    assert [row[-1] for row in opened(engine)].count(True) == 2
    clock.advance(days=1)
    assert [answer["urgent"] for answer in urgencies(hook, scim, 1, start=3)] == [True]


def test_an_urgent_word_of_an_operator_uses_the_allowance_too(hook, scim, engine, ada, clock):
    with writing(engine) as connection:
        leaving.leave(connection, policy().tenants["acme"], Leaver("acme", ada, OPERATOR, urgent=True), clock())
    assert [answer["urgent"] for answer in urgencies(hook, scim, 2)] == [True, False]


def test_a_case_that_was_opened_long_ago_uses_the_allowance_when_it_becomes_urgent(hook, scim, engine, ada, clock):
    scim.patch(f"/Users/{ada}", {"op": "replace", "path": "active", "value": False})
    clock.advance(days=2)
    assert done(hook({"userName": "ada", "urgent": True}))["urgent"]
    assert [row[1:] for row in opened(engine)] == [("hr_event", "hr", None, True)]
    assert [answer["urgent"] for answer in urgencies(hook, scim, 2)] == [True, False]


def test_an_open_case_that_does_not_become_urgent_is_not_said_to_be(hook, scim, engine, ada):
    done(hook({"userName": "ada"}, message="ordinary"))
    answer = done(hook({"userName": "ada", "urgent": True}, message="urgent"))
    ((*_, urgent),) = opened(engine)
    assert (answer["urgent"], "note" in answer) == (urgent, not urgent)


def test_no_two_take_the_last_urgent_one(hook, scim, engine):
    urgencies(hook, scim, 1)
    for name in ("v0", "v1", "v2"):
        scim.user(name)
    together = Barrier(3)

    def send(number):
        together.wait(30)
        return done(hook({"userName": f"v{number}", "urgent": True}, message=f"v{number}"))["urgent"]

    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(send, range(3))) == [False, False, True]


def test_where_the_policy_says_nothing_none_is_urgent(hook, scim, engine, ada):
    scim.app.extensions["scim_bridge"].policy.tenants["acme"] = policy().tenants["acme"]
    assert done(hook({"userName": "ada", "urgent": True}))["urgent"] is False
    assert [row[-1] for row in opened(engine)] == [False]


# What is refused


@pytest.mark.parametrize(
    "wrong",
    [
        {"Webhook_Signature": "v1,AAAA"},
        {"Webhook_Signature": ""},
        {"Webhook_Id": "msg_2"},
        {"Webhook_Timestamp": "1"},
        {"Webhook_Signature": " ".join(["v1,AAAA"] * 1000)},
        {"secret": f"whsec_{base64.b64encode(b'f' * 24).decode()}"},
        {"tenant": "nowhere"},
        {"tenant": "quiet"},
        {"tenant": "%00"},
    ],
)
def test_every_fault_of_the_signature_is_answered_alike(hook, engine, ada, wrong):
    answer = hook({"userName": "ada"}, **wrong)
    assert problem(answer, 401) == "The message is not signed as this address demands."
    assert answer.headers["WWW-Authenticate"] == "StandardWebhooks"
    assert opened(engine) == []


def test_the_time_is_that_of_the_app(scim, clock, ada):
    stale = clock() - timedelta(seconds=301)
    body = json.dumps({"type": "employee.terminated", "data": {"userName": "ada"}}).encode()
    for sent_at, status in ((stale, 401), (stale + timedelta(seconds=1), 202)):
        headers = {
            "Webhook-Id": "msg_1",
            "Webhook-Timestamp": str(int(sent_at.timestamp())),
            "Webhook-Signature": Webhook(SECRET).sign("msg_1", sent_at, body.decode()),
            "Content-Type": JSON,
        }
        assert scim.app.test_client().post("/hooks/hr/acme", data=body, headers=headers).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"type": "employee.terminated"}',
        b'{"type": "employee.terminated", "data": {}}',
        b'{"type": "employee.terminated", "data": {"userName": "ada", "USERNAME": "eve"}}',
        b'{"type": "employee.terminated", "data": {"userName": "\\u0000"}}',
        b'{"type": "employee.terminated", "data": ' + b"[" * 40 + b"]" * 40 + b"}",
    ],
)
def test_a_signed_body_that_says_nothing_clear_is_malformed(hook, engine, ada, body):
    problem(hook(body), 400)
    assert (opened(engine), on_record(engine)) == ([], 0)


def test_nobody_and_several_are_answers_and_nothing_is_done(hook, scim, engine, ada):
    scim.user("eve", emails=[{"value": "ada@acme.test"}])
    assert problem(hook({"employeeNumber": "7"}), 404) == "Nobody in this directory has this employeeNumber."
    assert "more than one person" in problem(hook({"email": "ada@acme.test"}), 409)
    assert "email and userName" in problem(hook({"email": "ada@acme.test", "userName": "joan"}), 404)
    assert "userName and externalId" in problem(hook({"userName": "eve", "externalId": "X1"}), 409)
    assert opened(engine) == []


def test_people_of_another_tenant_are_nobody(hook, engine, clock, scim):
    ScimClient(engine, policy(), clock, "quiet").user("joan")
    problem(hook({"userName": "joan"}), 404)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain"])
def test_a_body_that_is_not_json_by_its_type_or_is_encoded_is_415(hook, ada, kind):
    problem(hook({"userName": "ada"}, Content_Type=kind), 415)
    problem(hook({"userName": "ada"}, Content_Encoding="gzip"), 415)


def test_a_body_over_the_limit_is_413_and_one_at_the_limit_is_read(hook, ada):
    body = json.dumps({"type": "employee.terminated", "data": {"userName": "ada"}}).encode()
    problem(hook(body + b" " * (MAX_BODY - len(body) + 1)), 413)
    done(hook(body + b" " * (MAX_BODY - len(body))))


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post_is_served(scim, verb):
    answer = scim.app.test_client().open("/hooks/hr/acme", method=verb)
    problem(answer, 405)
    assert "POST" in answer.headers["Allow"]


def test_an_address_that_is_not_there_is_a_problem_too_and_scim_keeps_its_own_errors(scim):
    problem(scim.app.test_client().post("/hooks/payroll/acme"), 404)
    assert scim.send("GET", "/Users/nobody").headers["Content-Type"] == "application/scim+json"


def test_a_search_that_takes_too_long_may_be_tried_again(hook, ada, monkeypatch):
    def slow(*_):
        raise TookTooLongError

    monkeypatch.setattr(finding, "found", slow)
    answer = hook({"employeeNumber": "007"})
    assert "name the person otherwise" in problem(answer, 503)
    assert answer.headers["Retry-After"] == "5"


# What is logged


def test_logs_name_no_person_and_hold_no_signature(hook, scim, ada):
    with capture_logs() as logs:
        done(hook({"email": "ada@acme.test", "reason": "Left."}))
        problem(hook({"email": "ada@acme.test"}, Webhook_Signature="v1,c2VjcmV0"), 401)
        problem(hook({"email": "joan@acme.test"}, message="msg_3"), 404)
        problem(hook({"email": "joan@acme.test"}, tenant="not-a-tenant"), 401)
    assert [(line["event"], line.get("result") or line.get("fault")) for line in logs] == [
        ("webhook.received", "accepted"),
        ("webhook.rejected", "signature"),
        ("webhook.received", "nobody"),
        ("webhook.rejected", "tenant"),
    ]
    assert not any(word in str(logs) for word in ("ada", "joan", "Left", "c2Vj", "whsec", "not-a-tenant"))
