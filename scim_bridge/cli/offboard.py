"""`scim-bridge offboard`: an operator's word that somebody leaves: one person, a file of them, or a group of the IdP.
Opens their cases; the driver carries them out."""

import getpass
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from scim_bridge import bootstrap
from scim_bridge.bootstrap import Bridge
from scim_bridge.cli import leavers, leavers_file, leavers_shown
from scim_bridge.cli.leavers import Leaving
from scim_bridge.cli.leavers_file import FileFaultsError, Row
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import TookTooLongError, reading, writing
from scim_bridge.directory import users
from scim_bridge.offboarding import hook_events
from scim_bridge.offboarding.triggers import OPERATOR, Leaver
from scim_bridge.provisioning import leaving
from scim_bridge.provisioning.policy import Policy, TenantPolicy
from scim_bridge.web.attempts import attempted


@dataclass(frozen=True)
class Asked:
    """The command as it was typed."""

    user: str | None
    file: Path | None
    group: str | None
    tenant: str | None
    reason: str | None
    skip_unknown: bool
    dry_run: bool
    yes: bool


@click.command()
@click.argument("user", required=False)
@click.option("--csv", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file of leavers.")
@click.option("--group", metavar="NAME", help="Everybody in this group of the IdP, and in the groups in it.")
@click.option("--tenant", metavar="NAME", help="Whose people; may be left out when there is one tenant only.")
@click.option("--reason", metavar="TEXT", help="Why, for the record.")
@click.option("--skip-unknown", is_flag=True, help="Leave out lines of the file that name nobody or several people.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def offboard(**asked: Any) -> None:
    """Offboard USER (a userName, e-mail address, externalId or id), the people in a file, or those in a group.

    The file is CSV in UTF-8. Its first line names the columns: any of email, userName, externalId, employeeNumber, and
    if you like reason and urgent. Everything is shown before anything is done. It is safe to run again: who has an open
    case is skipped.
    """
    _run(Asked(**asked))


def _run(asked: Asked) -> None:
    if sum(each is not None for each in (asked.user, asked.file, asked.group)) != 1:
        raise click.UsageError("Say one of: USER, --csv FILE, --group NAME.")
    built = bootstrap.bridge(old=True)
    try:
        policy = _tenant(built.policy, asked.tenant)
        found = _found(built, policy, asked)
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from error
    todo = _shown(built, policy, asked, found)
    if asked.dry_run or not todo:
        return
    if not asked.yes:
        _confirm(asked, len(todo))
    _tell(_offboarded(built, policy, todo, may_extend=asked.user is not None), policy)


def _tenant(policy: Policy, name: str | None) -> TenantPolicy:
    """The tenant that is meant. Raises LookupError."""
    known = ", ".join(policy.tenants)
    if name is None and len(policy.tenants) > 1:
        raise LookupError(f"Say whose people with --tenant; the policy has: {known}.")
    tenant = policy.tenants.get(name) if name is not None else next(iter(policy.tenants.values()))
    if tenant is None:
        raise LookupError(f"There is no tenant {name}; the policy has: {known}.")
    return tenant


def _found(built: Bridge, policy: TenantPolicy, asked: Asked) -> list[Leaving]:
    """Everybody who is meant. Raises LookupError."""
    if asked.file is not None:
        return _in_file(built, policy, asked, asked.file)
    with reading(built.engine) as connection:
        if asked.group is not None:
            people = leavers.of_group(connection, policy.name, asked.group)
        else:
            people = [leavers.named(connection, policy.name, str(asked.user))]
    return [Leaving(each, asked.reason) for each in people]


def _in_file(built: Bridge, policy: TenantPolicy, asked: Asked, file: Path) -> list[Leaving]:
    try:
        rows = leavers_file.rows(file.read_bytes())
    except FileFaultsError as error:
        raise LookupError(_faults(error.faults)) from error
    found, unknown = _looked_up(built, policy, rows)
    if unknown and not asked.skip_unknown:
        raise LookupError(_faults([*unknown, "--skip-unknown leaves such lines out."]))
    for each in unknown:
        click.echo(f"skipped: {each}")
    return leavers.once(Leaving(user, row.reason or asked.reason, row.urgent) for row, user in found)


def _looked_up(built: Bridge, policy: TenantPolicy, rows: Sequence[Row]) -> tuple[list[Any], list[str]]:
    """(row, person) of each line, and the sentences about lines that name nobody or several."""
    found, unknown = [], []
    with click.progressbar(rows, label="looking up", show_pos=True) as bar:
        for row in bar:
            try:
                with reading(built.engine) as connection:
                    found.append((row, leavers.of_row(connection, policy.name, row)))
            except LookupError as error:
                unknown.append(str(error.args[0]))
            except TookTooLongError as error:
                raise click.ClickException(
                    f"line {row.line}: looking for the employee number took too long."
                ) from error
    return found, unknown


def _faults(faults: Sequence[str]) -> str:
    return "\n       ".join(["Nothing was done.", *faults])


def _shown(built: Bridge, policy: TenantPolicy, asked: Asked, found: Sequence[Leaving]) -> Sequence[Leaving]:
    """Show what would be done; gives those to whom it would be. The open case of one person may be extended."""
    with reading(built.engine) as connection:
        sorted_ = leavers.standing(connection, policy, found)
        one = found[0] if asked.user is not None else None
        for line in leavers_shown.lines(connection, policy, sorted_, one, utc_now()):
            click.echo(line)
    return (*sorted_.new, *sorted_.in_case) if one else sorted_.new


def _confirm(asked: Asked, number: int) -> None:
    """One person is asked about; of many the count is typed, so that nobody says yes to a number they have not read."""
    if asked.user is not None:
        click.confirm("Offboard this person?", abort=True)
    elif click.prompt(f"Type {number} to offboard them", default="", show_default=False).strip() != str(number):
        raise click.ClickException("That is not the number: nothing was done.")


def _offboarded(built: Bridge, policy: TenantPolicy, todo: Sequence[Leaving], *, may_extend: bool) -> Counter[str]:
    """One transaction a person, so that what is interrupted can simply be run again."""
    done: Counter[str] = Counter()
    with click.progressbar(todo, label="offboarding", show_pos=True) as bar:
        for each in bar:
            done[_attempt(built, policy, each, may_extend=may_extend)] += 1
    return done


def _attempt(built: Bridge, policy: TenantPolicy, each: Leaving, *, may_extend: bool) -> str:
    def use_case() -> str:
        with writing(built.engine) as connection:
            return _leave(connection, policy, each, may_extend=may_extend)

    return attempted(use_case)


def _leave(connection: Connection, policy: TenantPolicy, each: Leaving, *, may_extend: bool) -> str:
    """What was done about this person, who may have got a case, or gone, while the operator thought about it."""
    tenant, user_id, now = policy.name, each.user.id, utc_now()
    if users.find(connection, tenant, user_id) is None:
        return "gone"
    has_case = any(leavers.in_case(connection, tenant, [user_id]))
    if has_case and not may_extend:
        return "skipped"
    urgent = each.urgent and hook_events.may_be_urgent(connection, tenant, policy.hooks.urgent_per_day, now)
    leaver = Leaver(tenant, user_id, OPERATOR, f"cli:{getpass.getuser()}", each.reason, urgent)
    if leaving.leave(connection, policy, leaver, now) is None:
        return "protected"
    return "with an open case, extended where this is more" if has_case else "offboarded"


def _tell(done: Counter[str], policy: TenantPolicy) -> None:
    click.echo(", ".join(f"{number} {what}" for what, number in sorted(done.items())) + ".")
    if policy.enforces and done["offboarded"]:
        click.echo("The driver sends the locks now. `scim-bridge offboarding list` shows how far the cases are.")
