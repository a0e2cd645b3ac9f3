"""`scim-bridge offboarding`: cases for people to see, and what people decide about them. Who decides is on record."""

import getpass
import json
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from scim_bridge import bootstrap
from scim_bridge.bootstrap import Bridge
from scim_bridge.cli import case_lines, cases_named
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding import decisions, overdue, sealed
from scim_bridge.offboarding import reading as views
from scim_bridge.offboarding import report as reports
from scim_bridge.offboarding.decisions import OUTCOMES, Approval, NotAllowedError, Place
from scim_bridge.offboarding.device_actions import Word
from scim_bridge.offboarding.events import Event, note
from scim_bridge.offboarding.reading import CaseView, Wanted
from scim_bridge.offboarding.report import CaseReport

LATE = 2
FORMS = ("text", "json", "html")

_CASE = click.argument("case")
_STEP = click.argument("step", type=int)
_TENANT = click.option("--tenant", metavar="NAME", help="Of this tenant only.")
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
_DEVICE = click.option("--device", type=int, metavar="ID", help="One device of the step, by its id at Hexnode.")
_WHY = click.option("--reason", required=True, metavar="TEXT", help="Why, for the record.")


@click.group("offboarding")
def offboarding() -> None:
    """Look at the cases of leavers, and decide what waits for a person.

    CASE is a case's id, or the beginning of it; STEP a step's number.
    """


@offboarding.command("list")
@_TENANT
@click.option(
    "--state",
    type=click.Choice((*views.KINDS_OF_LIST, "overdue")),
    default=views.OPEN,
    show_default=True,
    help="Which.",
)
@click.option("--person", metavar="USER", help="Of one person, by userName, address, externalId or id.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many.")
@_JSON
def list_cases(tenant: str | None, state: str, person: str | None, limit: int, as_json: bool) -> None:
    """Show cases, the newest first, and what each waits for."""
    built, now = bootstrap.bridge(old=True), utc_now()
    asked = cases_named.tenants(built.policy, tenant)
    with reading(built.engine) as connection:
        ids = None
        if state == "overdue":
            ids = tuple({each.case_id for each in overdue.late(connection, asked, now)})
        kind = views.ALL if state == "overdue" else state
        user_id = cases_named.person(connection, asked, person) if person else None
        found = views.listed(connection, Wanted(asked, kind, user_id, limit, ids))
        names = cases_named.names_of(connection, found)
    if as_json:
        _write([case_lines.as_json(case, names, now) for case in found])
        return
    _tell(line for case in found for line in case_lines.in_list(case, names, now))
    if not found:
        click.echo("There is no such case.")


@offboarding.command()
@_CASE
@_JSON
def show(case: str, as_json: bool) -> None:
    """Show everything about CASE: its steps, devices, what each waits for, and what is on record."""
    built, now = bootstrap.bridge(old=True), utc_now()
    with reading(built.engine) as connection:
        found = cases_named.case(connection, built.policy, case)
        names = cases_named.names_of(connection, [found])
    if as_json:
        _write(case_lines.as_json(found, names, now))
    else:
        _tell(case_lines.of_case(found, names, now))


@offboarding.command()
@_CASE
@click.option("--plan", required=True, metavar="DIGEST", help="The plan that `show` names, or its first 8 letters.")
@click.option("--reason", metavar="TEXT", help="Why, for the record.")
@click.option("--as", "said", metavar="NAME", help="Who you are, where several people share this account.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def approve(case: str, plan: str, reason: str | None, said: str | None, yes: bool) -> None:
    """Let the steps of CASE after the approval begin, for the plan that you have seen.

    Who asked for the offboarding does not approve it. The number of devices is typed, so that nobody says yes unread.
    """
    built, now = bootstrap.bridge(old=True), utc_now()
    account = getpass.getuser()
    approval = Approval(f"cli:{said or account}", reason, plan, f"cli:{account}" if said else None)
    with reading(built.engine) as connection:
        found = cases_named.case(connection, built.policy, case)
        names = cases_named.names_of(connection, [found])
    with _sentences():
        step = decisions.check(found, approval, now)
    _tell(case_lines.of_approval(found, step, names))
    if not yes:
        _confirm(len({each.device_id for each in decisions.acted_on(found, step)}))
    with _sentences(), writing(built.engine) as connection:
        decisions.approve(connection, found.tenant, found.id, approval, utc_now())
    click.echo("Approved: each of these steps begins when its turn comes, one device after the other.")


@offboarding.command()
@_CASE
@_WHY
def cancel(case: str, reason: str) -> None:
    """Send nothing more of CASE. What was sent is not called back."""
    built = bootstrap.bridge(old=True)

    def decide(connection: Connection, found: CaseView) -> None:
        decisions.cancel(connection, found.tenant, found.id, _word(reason), utc_now())

    _decided(built, case, decide)


@offboarding.command()
@_CASE
@_STEP
@_DEVICE
@_WHY
def retry(case: str, step: int, device: int | None, reason: str) -> None:
    """Have STEP of CASE done again that was refused, is in doubt, or whose approval expired."""
    built = bootstrap.bridge(old=True)

    def decide(connection: Connection, found: CaseView) -> None:
        place = Place(found.tenant, found.id, step, device)
        decisions.retry(connection, place, _word(reason), utc_now())

    _decided(built, case, decide)


@offboarding.command()
@_CASE
@_STEP
@_DEVICE
@click.option("--as", "outcome", type=click.Choice(tuple(OUTCOMES)), required=True, help="How it ended.")
@_WHY
def resolve(case: str, step: int, device: int | None, outcome: str, reason: str) -> None:
    """Say how STEP of CASE ended that waits for a person: done, or refused, which leaves it alone for good."""
    built = bootstrap.bridge(old=True)

    def decide(connection: Connection, found: CaseView) -> None:
        place = Place(found.tenant, found.id, step, device)
        decisions.resolve(connection, place, _word(reason), outcome, utc_now())

    _decided(built, case, decide)


@offboarding.command()
@_CASE
@click.option(
    "--format", "form", type=click.Choice(FORMS), default="text", show_default=True, help="How it is written."
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of the terminal.")
def report(case: str, form: str, output: Path | None) -> None:
    """Report CASE: timeline, steps, devices with evidence, calls. The HTML prints on A4."""
    built, now = bootstrap.bridge(old=True), utc_now()
    with reading(built.engine) as connection:
        found = cases_named.case(connection, built.policy, case)
        person = cases_named.names_of(connection, [found]).get((found.tenant, found.user_id))
        made = CaseReport(found, person, cases_named.calls(connection, built.policy, found, now), now)
    text = _formed(made, form)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from error
    click.echo(f"Written to {output}.")


@offboarding.command("overdue")
@_TENANT
@_JSON
def show_overdue(tenant: str | None, as_json: bool) -> None:
    """Show what is late, the longest first. Exit code 0: nothing is, 2: something is."""
    built, now = bootstrap.bridge(old=True), utc_now()
    with reading(built.engine) as connection:
        found = overdue.late(connection, cases_named.tenants(built.policy, tenant), now)
        names = cases_named.names(connection, [(each.tenant, each.user_id) for each in found])
    if as_json:
        _write(case_lines.plain(found))
    else:
        _tell([case_lines.of_late(each, names) for each in found] or ["Nothing is overdue."])
    raise SystemExit(LATE if found else 0)


@offboarding.command()
@_CASE
@click.option("--reason", metavar="TEXT", help="Why, for the record.")
def pin(case: str, reason: str | None) -> None:
    """Show the PIN that the Macs of the person of CASE were locked with. Who looked is on record."""
    built = bootstrap.bridge(old=True)
    with writing(built.engine) as connection:
        found = cases_named.case(connection, built.policy, case)
        shown = [(step.position, _opened(built, step.pin)) for step in found.steps if step.pin]
        if not shown:
            raise click.ClickException("No device of this case was locked with a PIN.")
        for position, _ in shown:
            looked = Event(found.tenant, found.id, "pin.shown", position, who=_word(reason).who, reason=reason)
            note(connection, looked, utc_now())
    _tell(f"step {position}: {text}" for position, text in shown)


def _decided(built: Bridge, text: str, decide: Callable[[Connection, CaseView], None]) -> None:
    """One transaction; then how the case stands."""
    with _sentences(), writing(built.engine) as connection:
        found = cases_named.case(connection, built.policy, text)
        decide(connection, found)
        after = views.one(connection, found.tenant, found.id)
        names = cases_named.names_of(connection, [found])
    if after is not None:
        _tell(case_lines.in_list(after, names, utc_now()))


@contextmanager
def _sentences() -> Any:
    try:
        yield
    except NotAllowedError as error:
        raise click.ClickException(str(error)) from error


def _confirm(devices: int) -> None:
    if not devices:
        click.confirm("Approve this? It is about no device.", abort=True)
        return
    what = "device" if devices == 1 else "devices"
    typed = click.prompt(f"Type {devices} to approve this for {devices} {what}", default="", show_default=False)
    if typed.strip() != str(devices):
        raise click.ClickException("That is not the number: nothing was approved.")


def _word(reason: str | None) -> Word:
    return Word(f"cli:{getpass.getuser()}", reason)


def _opened(built: Bridge, text: str) -> str:
    keys = built.settings.encryption_keys
    if not keys:
        raise click.ClickException("SCIM_BRIDGE_ENCRYPTION_KEYS is not set: without the key no PIN can be read.")
    try:
        return sealed.open_sealed(keys, text)
    except ValueError as error:
        raise click.ClickException(f"The PIN cannot be read: {error}.") from error


def _formed(made: CaseReport, form: str) -> str:
    if form == "json":
        return json.dumps(reports.as_json(made), indent=2, ensure_ascii=False) + "\n"
    return reports.as_html(made) if form == "html" else reports.as_text(made)


def _write(document: Any) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
