"""The report of a case: who, why, what happened when, each step, each device with its evidence, each call. As text, as
JSON, and as one page of HTML that prints on A4 and needs nothing else. Pure; the PIN of a Mac is in none of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

from scim_bridge.offboarding.reading import CaseView, EventView, StepView, moment
from scim_bridge.offboarding.turns import DeviceAction

# Nothing is fetched and nothing runs, whatever stands in a name: the page says so to the browser, too.
_ALONE: Final = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE: Final = """
@page { size: A4; margin: 15mm }
body { font: 10pt/1.4 sans-serif; color: #000; background: #fff; max-width: 180mm; margin: 0 auto }
h1 { font-size: 15pt } h2 { font-size: 12pt; break-after: avoid }
table { border-collapse: collapse; width: 100%; table-layout: auto }
th, td { border: 0.2mm solid #999; padding: 1mm 1.5mm; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #eee } tr { break-inside: avoid } thead { display: table-header-group }
p { color: #555 }
"""


@dataclass(frozen=True)
class CallMade:
    """A call to Hexnode that was about this person, from the journal."""

    kind: str
    sent_at: datetime
    done_at: datetime | None
    outcome: str | None
    detail: str | None


@dataclass(frozen=True)
class CaseReport:
    """What is reported on. `person` is the userName at this moment; None when nobody of that id is known any more."""

    case: CaseView
    person: str | None
    calls: tuple[CallMade, ...]
    made_at: datetime


@dataclass(frozen=True)
class _Part:
    """A table with its heading, as either form shows it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def as_text(report: CaseReport) -> str:
    """For a terminal or a mail."""
    lines = [f"Offboarding of {printable(_who(report))}", ""]
    lines += [f"{name + ':':14} {printable(value)}" for name, value in _facts(report)]
    for part in _parts(report):
        lines += ["", part.title, "-" * len(part.title)]
        lines += [_line(part.head, row) for row in part.rows] or ["none"]
    return "\n".join([*lines, "", _made(report), ""])


def as_json(report: CaseReport) -> dict[str, Any]:
    """For programs; moments as ISO 8601 text."""
    told = asdict(report)
    for step, view in zip(told["case"]["steps"], report.case.steps, strict=True):
        del step["pin"]
        step["has_pin"] = view.pin is not None
    document: dict[str, Any] = json.loads(json.dumps(told, default=_plain))
    return document


def as_html(report: CaseReport) -> str:
    """One page that needs nothing else."""
    title = escape(f"Offboarding of {_who(report)}")
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{escape(_ALONE)}">'
    facts = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in _facts(report))
    parts = "".join(_table(part) for part in _parts(report))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}<title>{title}</title><style>{_STYLE}</style></head>\n'
        f"<body><h1>{title}</h1><table>{facts}</table>{parts}<p>{escape(_made(report))}</p></body></html>\n"
    )


def printable(text: str) -> str:
    """Without what would move a terminal's cursor or colour it: people name devices as they like."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _who(report: CaseReport) -> str:
    return report.person or f"user {report.case.user_id}"


def _made(report: CaseReport) -> str:
    return f"Made by scim-bridge at {moment(report.made_at)}."


def _facts(report: CaseReport) -> Iterator[tuple[str, str]]:
    case = report.case
    yield "Person", f"{_who(report)} (id {case.user_id})"
    yield "Tenant", case.tenant
    yield "Case", case.id
    yield "Trigger", case.trigger.replace("_", " ") + (", urgent" if case.urgent else "")
    yield "Requested by", case.requested_by or "not on record"
    yield "Reason", case.reason or "none given"
    yield "Opened", moment(case.opened_at)
    yield "State", case.state + (f", closed {moment(case.closed_at)}" if case.closed_at else "")
    yield "Plan", f"{case.plan_digest}, of {moment(case.planned_at)}" if case.plan_digest else "no device planned for"


def _parts(report: CaseReport) -> Iterator[_Part]:
    case = report.case
    steps = tuple(_of_step(each) for each in case.steps)
    yield _Part("Steps", ("Step", "What", "State", "Changed", "Tries", "Note"), steps)
    devices = ("Step", "What", "Device", "Serial", "Ownership", "Enrolled", "State", "Sent", "Evidence", "Note")
    yield _Part("Devices", devices, tuple(_of_device(each) for each in case.actions))
    told = ("At", "What", "Step", "Device", "Who", "Reason")
    yield _Part("Timeline", told, tuple(_of_event(each) for each in case.events))
    calls = tuple(_of_call(each) for each in report.calls)
    yield _Part("Calls to Hexnode", ("Sent", "Call", "Outcome", "Detail"), calls)


def _of_step(step: StepView) -> tuple[str, ...]:
    what = str(step) + (", with a PIN on record" if step.pin else "")
    return str(step.position), what, _words(step.state), moment(step.changed_at), str(step.attempts), step.note or ""


def _of_device(action: DeviceAction) -> tuple[str, ...]:
    device = (f"{action.name} (id {action.device_id}, {action.platform or 'platform unknown'})", action.serial)
    proof = _evidence(action.evidence)
    standing = (_words(action.state), moment(action.sent_at), proof, action.note or "")
    return str(action.position), action.kind, *device, action.ownership, action.enrolled_time, *standing


def _of_event(event: EventView) -> tuple[str, ...]:
    place = ("" if event.position is None else str(event.position), str(event.device_id or ""))
    return moment(event.at), _words(event.what), *place, event.who or "", event.reason or _evidence(event.detail)


def _of_call(call: CallMade) -> tuple[str, ...]:
    return moment(call.sent_at), call.kind, call.outcome or "no answer", call.detail or ""


def _evidence(shown: Mapping[str, Any] | None) -> str:
    return ", ".join(f"{name}: {_value(value)}" for name, value in (shown or {}).items() if value is not None)


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _words(name: str) -> str:
    return name.replace("_", " ").replace(".", ": ")


def _line(head: Sequence[str], row: Sequence[str]) -> str:
    """What is told apart by its column in a table comes with the column's name here, and what is empty not at all."""
    first, *rest = zip(head, row, strict=True)
    told = [f"{name.lower()} {printable(value)}" for name, value in rest if value]
    return "  " + "; ".join([printable(first[1]), *told])


def _table(part: _Part) -> str:
    if not part.rows:
        return f"<h2>{escape(part.title)}</h2><p>none</p>"
    head = "".join(f"<th>{escape(name)}</th>" for name in part.head)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in part.rows)
    return f"<h2>{escape(part.title)}</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)
