"""The report of a case: everything is in it, in three forms, and nothing in it can do harm."""

import json
from html.parser import HTMLParser

from scim_bridge.offboarding import report
from scim_bridge.offboarding.report import CallMade, CaseReport
from tests.offboarding.samples import DIGEST, NOW, ago, case, device, event, step

EVIL = '<script>alert("1")</script>'


def made(person="ada@acme.test", calls=True, **values):
    whole = case(
        step(10, "lock", "accepted", pin="gAAAA-sealed", attempts=1),
        step(20, "hold", "confirmed", argument="24h"),
        step(30, "wipe", "confirmed"),
        device(30, "wipe", "confirmed", sent_at=ago(hours=1), evidence={"by": "row", "row": {"status": "Done"}}),
        event("opened", who="cli:ann", reason="left on Monday"),
        event("approved", position=20, who="cli:eve", detail={"digest": DIGEST}),
        **{"state": "done", "closed_at": NOW, "plan_digest": DIGEST, "planned_at": ago(hours=1), **values},
    )
    sent = (CallMade("ActOnDevice", ago(hours=1), ago(minutes=59), "ok", None),) if calls else ()
    return CaseReport(whole, person, sent, NOW)


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)


def test_the_text_tells_who_why_what_when_and_the_evidence():
    text = report.as_text(made())
    for part in (
        "Offboarding of ada@acme.test", "deactivated", "idp", DIGEST, "hold 24h", "Ada's phone (id 12, iOS)",
        "C02XYZ12345", "corporate", 'by: row, row: {"status": "Done"}', "left on Monday", "approved", "cli:eve",
        "ActOnDevice", "2026-03-02 11:00:00 UTC", "done, closed 2026-03-02 12:00:00 UTC",
    ):  # fmt: skip
        assert part in text, part


def test_what_there_is_none_of_is_said():
    text = report.as_text(made(person=None, calls=False, plan_digest=None))
    assert "Offboarding of user ada" in text
    assert "no device planned for" in text
    assert text.rstrip().splitlines()[-3].strip() == "none"


def test_the_pin_is_in_none_of_them():
    for text in (report.as_text(made()), json.dumps(report.as_json(made())), report.as_html(made())):
        assert "sealed" not in text
    assert "with a PIN on record" in report.as_text(made())
    assert report.as_json(made())["case"]["steps"][0]["has_pin"] is True
    assert report.as_json(made())["case"]["steps"][1]["has_pin"] is False


def test_the_json_has_everything_with_moments_as_text():
    told = report.as_json(made())
    assert (told["person"], told["made_at"]) == ("ada@acme.test", "2026-03-02T12:00:00+00:00")
    assert told["case"]["actions"][0]["evidence"] == {"by": "row", "row": {"status": "Done"}}
    assert told["case"]["events"][1]["detail"] == {"digest": DIGEST}
    assert told["calls"][0]["outcome"] == "ok"
    assert json.loads(json.dumps(told)) == told


def test_the_page_shows_the_same_in_tables():
    page = Page(report.as_html(made()))
    words = " ".join(page.words)
    for part in ("ada@acme.test", "hold 24h", "C02XYZ12345", "left on Monday", "ActOnDevice", DIGEST):
        assert part in words, part
    assert page.tags.count("table") == 5


def test_the_page_prints_on_a4_and_needs_nothing_else():
    page = Page(report.as_html(made()))
    assert "size: A4" in "".join(page.words)
    assert not {"script", "img", "link", "iframe", "object"} & set(page.tags)
    assert not {"src", "href", "onload", "style"} & {name for name, _ in page.attributes}
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes


def test_nothing_that_people_wrote_becomes_part_of_the_page():
    evil = made(person=EVIL, user_id=EVIL, reason=EVIL, requested_by=f'"{EVIL}')
    whole = case(
        step(30, "notify", "refused", argument=EVIL, note=EVIL),
        device(30, "wipe", "refused", name=EVIL, serial=EVIL, ownership=EVIL, evidence={EVIL: [EVIL]}, note=EVIL),
        event(EVIL, who=EVIL, reason=EVIL),
    )
    for one in (evil, CaseReport(whole, EVIL, (CallMade(EVIL, NOW, None, EVIL, EVIL),), NOW)):
        page = Page(report.as_html(one))
        assert "script" not in page.tags
        assert EVIL in " ".join(page.words)


def test_nothing_that_people_wrote_moves_a_terminal():
    text = report.as_text(made(person="ada\x1b[2J\r\nnobody"))
    assert "\x1b" not in text
    assert "\r" not in text
    assert "ada?[2J??nobody" in text
