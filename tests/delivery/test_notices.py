"""Notices of recipes: posted at least once whatever breaks, tried ten times, and never for a tenant that is stopped."""

import shutil
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Event, Thread

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import notices as module
from scim_bridge.delivery.notice_post import post
from scim_bridge.delivery.notices import TRIES, Notifier, Notify, due, wait_after
from scim_bridge.offboarding import cases, decisions, events, stops
from scim_bridge.offboarding.decisions import Place
from scim_bridge.offboarding.device_actions import Word
from scim_bridge.offboarding.doctor import limbo
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.tables import offboarding_holds, steps
from scim_bridge.offboarding.triggers import Leaver
from scim_bridge.provisioning.policy import Hooks
from scim_bridge.web.signatures import Message, refusal
from tests.app import one_tenant
from tests.delivery.receiver import certificate, receiving, url_of
from tests.hexnode.portal import hang_up, reply, silent

SECRET, OLD = "whsec_" + "bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5u", "whsec_" + "b29vb29vb29vb29vb29vb29vb29vb29v"
POLICY = one_tenant(hooks=Hooks((SECRET, OLD)))
URL = "https://hooks.acme.test/notices?token=hush"


class Notices:
    """Cases with a notice in their recipe, and what posts it; `answers` are what the next posts come to."""

    def __init__(self, engine, clock):
        self.engine, self.clock = engine, clock
        self.posted, self.answers, self.while_posting = [], [], lambda: None
        self.policy = POLICY

    def notifier(self, **changes):
        known = {"engine": self.engine, "policy": self.policy, "clock": self.clock, "post": self.post}
        return Notifier(Notify(**{**known, **changes}))

    def post(self, notice):
        self.posted.append(notice)
        self.while_posting()
        return self.answers.pop(0) if self.answers else None

    def leaves(self, *words, user_id="ada", tenant="acme"):
        with writing(self.engine) as connection:
            leaver = Leaver(tenant, user_id, "deactivated", "cli:eve@acme.test", "Ada Byron leaves")
            return cases.open_for(connection, leaver, recipe_of(*(words or (f"notify {URL}",))), self.clock())

    def returns(self, user_id="ada"):
        with writing(self.engine) as connection:
            cases.cancel_for(connection, "acme", user_id, self.clock())

    def stop(self, scope):
        with writing(self.engine) as connection:
            stops.stop(connection, scope, "cli:eve", None, self.clock())

    def look(self, **changes):
        """Post until nothing is due any more."""
        notifier = self.notifier(**changes)
        while notifier.step():
            pass

    def row(self, kind="notify"):
        with reading(self.engine) as connection:
            return connection.execute(select(steps).where(steps.c.kind == kind)).one()

    def wait(self):
        """How long until it is posted again."""
        return self.row().due_at - self.clock()

    def told(self, case_id):
        with reading(self.engine) as connection:
            return [row.what for row in events.of_case(connection, "acme", case_id)]

    def limbo(self):
        with reading(self.engine) as connection:
            return limbo(connection, ["acme"], self.clock())


@pytest.fixture
def notices(engine, clock):
    return Notices(engine, clock)


def test_a_notice_tells_how_the_case_stands_and_nobody_by_name(notices):
    case_id = notices.leaves("lock", "leave_groups", f"notify {URL}", "hold 1h", "reassign to it@acme.test")
    notices.look()
    (notice,) = notices.posted
    assert notice.url == URL
    told = orjson.loads(notice.body)
    assert told["type"] == "offboarding.notice"
    assert told["data"] == {
        "case": case_id,
        "tenant": "acme",
        "person": "ada",
        "trigger": "deactivated",
        "opened_at": told["timestamp"],
        "state": "open",
        "steps": [
            {"position": 10, "kind": "lock", "state": "ready"},
            {"position": 20, "kind": "leave_groups", "state": "accepted"},
            {"position": 30, "kind": "notify", "state": "ready"},
            {"position": 40, "kind": "hold", "state": "held"},
            {"position": 50, "kind": "reassign", "state": "planned"},
        ],
    }
    assert not any(word in notice.body for word in ("hush", "Byron", "@", "eve"))


def test_what_was_taken_is_confirmed_and_not_posted_again(notices):
    case_id = notices.leaves()
    notices.look()
    assert (notices.row().state, len(notices.posted)) == ("confirmed", 1)
    assert notices.told(case_id)[-1] == "notify.confirmed"
    notices.clock.advance(days=1)
    notices.look()
    assert len(notices.posted) == 1
    assert notices.limbo() == []


def test_a_notice_behind_a_hold_waits_for_it(notices):
    case_id = notices.leaves("lock", "hold 1h", f"notify {URL}")
    notices.look()
    assert notices.posted == []
    notices.clock.advance(hours=1)
    with writing(notices.engine) as connection:
        cases.advance(connection, "acme", case_id, notices.clock())
    notices.look()
    assert [each.id for each in notices.posted] == [f"{case_id}-30"]


def test_what_was_not_taken_is_posted_again_under_the_same_id(notices):
    case_id = notices.leaves()
    notices.answers = ["it answered 500"]
    notices.look()
    assert (notices.row().state, notices.row().note) == ("ready", "Not taken so far: it answered 500.")
    assert notices.wait() == timedelta(seconds=10)
    assert notices.limbo() == []
    notices.clock.advance(seconds=9)
    notices.look()
    assert len(notices.posted) == 1
    notices.clock.advance(seconds=1)
    notices.look()
    assert [(each.id, each.attempt) for each in notices.posted] == [(f"{case_id}-10", 1), (f"{case_id}-10", 2)]
    assert notices.told(case_id)[-2:] == ["notify.not_taken", "notify.confirmed"]


def test_after_ten_tries_a_person_is_asked_and_may_have_it_tried_ten_times_more(notices):
    case_id = notices.leaves()
    notices.answers = ["it answered 500"] * TRIES
    waits = []
    for _ in range(TRIES - 1):
        notices.look()
        waits.append(int(notices.wait().total_seconds()))
        notices.clock.advance(seconds=waits[-1])
    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560]
    assert notices.row().state == "ready"
    notices.look()
    why = "The address did not take the notice in 10 tries; the last time: it answered 500."
    assert (notices.row().state, notices.row().note) == ("refused", why)
    notices.clock.advance(days=1)
    notices.look()
    assert len(notices.posted) == TRIES
    assert notices.limbo() == []
    with writing(notices.engine) as connection:
        decisions.retry(connection, Place("acme", case_id, 10), Word("cli:eve", "it is back"), notices.clock())
    notices.answers = ["it answered 500"]
    notices.look()
    assert (notices.row().state, notices.wait()) == ("ready", timedelta(seconds=10))


@pytest.mark.parametrize(("tries", "seconds"), [(1, 10), (2, 20), (9, 2560), (10, 3600), (11, 10), (20, 3600)])
def test_waits_double_up_to_an_hour_and_begin_anew_after_ten_tries(tries, seconds):
    assert wait_after(tries) == timedelta(seconds=seconds)


def test_of_two_workers_one_posts(notices):
    notices.leaves()
    other = notices.notifier()
    notices.while_posting = other.step
    notices.look()
    assert len(notices.posted) == 1


def test_two_workers_that_see_the_same_step_do_not_both_post_it(notices, monkeypatch):
    notices.leaves()
    slow, seen = notices.notifier(), module.due

    def seen_by_both(*asked):
        found = seen(*asked)
        monkeypatch.setattr(module, "due", seen)
        if notices.engine.dialect.name == "postgresql":  # SQLite has one writer at a time
            other = Thread(target=notices.look)
            other.start()
            other.join()
        return found

    monkeypatch.setattr(module, "due", seen_by_both)
    assert slow.step()
    assert len(notices.posted) == 1


def test_what_a_crash_interrupted_is_posted_again_a_minute_later(notices):
    notices.leaves()

    def dies():
        raise KeyboardInterrupt

    notices.while_posting = dies
    with pytest.raises(KeyboardInterrupt):
        notices.look()
    notices.while_posting = lambda: None
    notices.clock.advance(seconds=59)
    notices.look()
    assert len(notices.posted) == 1
    notices.clock.advance(seconds=1)
    notices.look()
    assert [each.attempt for each in notices.posted] == [1, 2]
    assert notices.row().state == "confirmed"


@pytest.mark.parametrize(
    ("answers", "state", "wait"),
    [
        (["it answered 500", "it answered 502"], "ready", timedelta(seconds=20)),
        ([None, "it answered 500"], "confirmed", timedelta(seconds=60)),
        (["it answered 500", None], "confirmed", timedelta(seconds=20)),
    ],
)
def test_a_post_that_ends_after_another_process_tried_counts_only_when_it_was_taken(notices, answers, state, wait):
    case_id = notices.leaves()
    other = notices.notifier()

    def sleeps():
        notices.while_posting = lambda: None
        notices.clock.advance(seconds=60)
        other.step()

    notices.answers, notices.while_posting = list(answers), sleeps
    notices.notifier().step()
    assert (len(notices.posted), notices.row().state, notices.wait()) == (2, state, wait)
    assert notices.told(case_id).count("notify.confirmed") == (state == "confirmed")


def test_no_transaction_is_open_while_a_notice_is_posted(notices):
    notices.leaves()
    notices.while_posting = lambda: notices.leaves("lock", user_id="bob")
    notices.look()
    assert notices.row().state == "confirmed"


def test_an_address_where_nobody_answers_does_not_keep_others_waiting(notices):
    notices.leaves(user_id="ada")
    notices.answers = ["it answered 500"]
    notices.look()
    notices.clock.advance(seconds=30)
    new = notices.leaves(user_id="bob")
    with writing(notices.engine) as connection:
        found = due(connection, ["acme"], notices.clock(), 10)
        assert due(connection, ["acme"], notices.clock(), 1) == found[:1]
    assert [step.user_id for step in found] == ["bob", "ada"]
    notices.look()
    assert notices.posted[1].id == f"{new}-10"


@pytest.mark.parametrize(("scope", "posted"), [("acme", 0), ("*", 0), ("other", 1)])
def test_nothing_is_posted_for_a_tenant_that_is_stopped(notices, scope, posted):
    notices.leaves()
    notices.stop(scope)
    notices.look()
    assert len(notices.posted) == posted
    with writing(notices.engine) as connection:
        stops.resume(connection, scope)
    notices.look()
    assert len(notices.posted) == 1


def test_nothing_is_posted_while_the_stop_file_is_there(notices, tmp_path):
    notices.leaves()
    (tmp_path / "stop").touch()
    notices.look(stop_file=tmp_path / "stop")
    assert notices.posted == []
    (tmp_path / "stop").unlink()
    notices.look(stop_file=tmp_path / "stop")
    assert len(notices.posted) == 1


def test_a_hold_of_the_guard_keeps_no_notice_back(notices):
    notices.leaves()
    with writing(notices.engine) as connection:
        held = {"tenant": "acme", "held_since": notices.clock(), "reason": "too many"}
        connection.execute(offboarding_holds.insert().values(**held))
    notices.look()
    assert len(notices.posted) == 1


def test_a_tenant_that_only_observes_or_is_no_more_posts_nothing(notices):
    notices.policy = one_tenant(mode="observe")
    notices.leaves()
    notices.leaves(tenant="gone")
    notices.look()
    assert notices.posted == []


def test_who_returns_before_it_is_posted_is_not_told_about(notices):
    notices.leaves()
    notices.returns()
    notices.look()
    assert notices.posted == []


@pytest.mark.parametrize(("answer", "state"), [(None, "confirmed"), ("it answered 500", "cancelled")])
def test_who_returns_while_it_is_posted_leaves_on_record_what_was_posted(notices, answer, state):
    notices.leaves()
    notices.answers, notices.while_posting = [answer], notices.returns
    notices.look()
    assert (notices.row().state, len(notices.posted)) == (state, 1)
    assert notices.limbo() == []


def test_a_notifier_waits_for_a_database_that_is_away_and_ends_when_told(notices, monkeypatch):
    notifier, stop, tries = notices.notifier(), Event(), []

    def step():
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("select", {}, Exception("server closed the connection"))
        stop.set()
        return False

    monkeypatch.setattr(notifier, "step", step)
    monkeypatch.setattr(module, "DATABASE_AWAY", timedelta(0))
    notifier.run(stop)
    assert len(tries) == 2


def test_the_log_names_neither_anybody_nor_the_address(notices):
    notices.leaves()
    notices.answers = ["it answered 500"]
    with capture_logs() as lines:
        notices.look()
        notices.clock.advance(seconds=10)
        notices.look()
    assert [line["event"] for line in lines] == ["notice.not_taken", "notice.taken"]
    assert [line["why_not"] for line in lines] == ["it answered 500", None]
    assert not any(word in str(lines) for word in ("hush", "hooks.acme.test", "ada", "cli:"))


# --- With a real receiver ---


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the test certificate")
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(keys, monkeypatch):
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(keys[0]))
    return keys


FAULTS = (reply(500), silent, reply(307, Location="/elsewhere"), hang_up)
WHYS = (
    "Not taken so far: it answered 500.",
    "Not taken so far: no answer within 0.3 s.",
    "Not taken so far: it answered 307: a notice does not follow to another address.",
    "Not taken so far: the connection was lost before an answer came.",
)


def test_a_receiver_in_trouble_gets_the_same_notice_until_it_takes_it(notices, trusted):
    with receiving(*trusted, *FAULTS, reply(200)) as receiver:
        case_id = notices.leaves(f"notify {url_of(receiver)}")
        posting, said = partial(post, may_be_private=True, seconds=0.3), []
        while notices.row().state == "ready":
            notices.look(post=posting)
            said.append(notices.row().note)
            notices.clock.advance(seconds=80)
        assert (said, notices.row().state) == ([*WHYS, None], "confirmed")
        assert {each.headers["webhook-id"] for each in receiver.received} == {f"{case_id}-10"}
        first, *_, last = receiver.received
        assert len(receiver.received) == 5
        assert first.body["data"] == last.body["data"]
        given = [last.headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature")]
        message = Message(*given, orjson.dumps(last.body))
        sent_at = notices.clock() - timedelta(seconds=80)
        assert refusal(message, (SECRET,), sent_at) is None
        assert refusal(message, (OLD,), sent_at) == "signature"


def test_where_nobody_listens_it_is_tried_again(notices, trusted):
    with receiving(*trusted) as gone:
        notices.leaves(f"notify {url_of(gone)}")
    notices.look(post=partial(post, may_be_private=True))
    assert notices.row().note == "Not taken so far: 127.0.0.1: connection refused or not possible."


def test_a_tenant_without_secrets_posts_unsigned(notices, trusted):
    notices.policy = replace(POLICY, tenants={"acme": replace(POLICY.tenants["acme"], hooks=Hooks())})
    with receiving(*trusted) as receiver:
        notices.leaves(f"notify {url_of(receiver)}")
        notices.look(post=partial(post, may_be_private=True))
        assert "webhook-signature" not in receiver.received[0].headers
