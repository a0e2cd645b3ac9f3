"""`scim-bridge user show` and `scim-bridge policy explain`: one person, as the bridge knows them. Both only read."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import click
from sqlalchemy import Connection

from scim_bridge import bootstrap
from scim_bridge.bootstrap import Bridge
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading
from scim_bridge.directory import people
from scim_bridge.directory.model import User
from scim_bridge.provisioning import explanation, person
from scim_bridge.provisioning.explanation import Explanation, Explanations, Ruling
from scim_bridge.provisioning.mapping import Profile
from scim_bridge.provisioning.person import Account, Person, Placement
from scim_bridge.provisioning.policy import TenantPolicy

_USER = click.argument("user")
_TENANT = click.option("--tenant", metavar="NAME", help="Look in this tenant only.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON.")

Found = tuple[TenantPolicy, User]


@click.group("user")
def user() -> None:
    """Look at one person."""


@user.command()
@_USER
@_TENANT
@_JSON
def show(user: str, tenant: str | None, as_json: bool) -> None:
    """Show a person: account, groups, devices, offboarding, and what is wrong, with the remedy.

    USER is a userName, an externalId, an id or an e-mail address.
    """
    policy, found, about = _look(user, tenant, lambda c, policy, found: person.of(c, policy, found, utc_now()))
    _write(_lines_of_person(about), {**_named(policy, found), **_person(about)}, as_json=as_json, head=(policy, found))


@click.command()
@_USER
@_TENANT
@_JSON
def explain(user: str, tenant: str | None, as_json: bool) -> None:
    """Explain for every Hexnode group why a person is in it or not, clause by clause.

    USER is a userName, an externalId, an id or an e-mail address.
    """
    policy, found, told = _look(user, tenant, explanation.explained)
    _write(
        _lines_of_explanations(told), {**_named(policy, found), **asdict(told)}, as_json=as_json, head=(policy, found)
    )


def _look(
    text: str, tenant: str | None, ask: Callable[[Connection, TenantPolicy, User], Any]
) -> tuple[TenantPolicy, User, Any]:
    """The one person whom the text names, and the answer to what is asked about them."""
    built = bootstrap.bridge(old=True)
    if tenant is not None and tenant not in built.policy.tenants:
        raise click.ClickException(f"There is no tenant {tenant}; the policy has: {', '.join(built.policy.tenants)}.")
    with reading(built.engine) as connection:
        policy, found = _only(text, _all_named(connection, built, text, tenant))
        return policy, found, ask(connection, policy, found)


def _all_named(connection: Connection, built: Bridge, text: str, tenant: str | None) -> list[Found]:
    policies = [policy for name, policy in built.policy.tenants.items() if tenant in (None, name)]
    return [(policy, found) for policy in policies for found in people.named(connection, policy.name, text)]


def _only(text: str, found: list[Found]) -> Found:
    if not found:
        raise click.ClickException(f"Nobody has the userName, externalId, id or e-mail address {text}.")
    if len(found) > 1:
        several = "; ".join(f"{one.document['userName']} (id {one.id}, tenant {policy.name})" for policy, one in found)
        raise click.ClickException(f"{text} names several people: {several}. Ask by id, or with --tenant.")
    return found[0]


def _write(lines: Iterator[str], document: dict[str, Any], *, as_json: bool, head: Found) -> None:
    if as_json:
        click.echo(json.dumps(document, default=str, indent=2, ensure_ascii=False))
        return
    policy, found = head
    click.echo(f"{found.document['userName']}  (id {found.id}, tenant {policy.name})")
    for line in lines:
        click.echo(line)


def _named(policy: TenantPolicy, found: User) -> dict[str, Any]:
    return {"tenant": policy.name, "id": found.id, "userName": found.document["userName"], "active": found.active}


def _person(about: Person) -> dict[str, Any]:
    told = asdict(about)
    del told["user"]
    return told


def _lines_of_person(about: Person) -> Iterator[str]:
    yield f"  directory    {_standing(about.user)}; groups: {', '.join(about.groups) or 'none'}"
    yield from _lines_of_account(about.account)
    yield from _headed("groups", [_placement(each) for each in about.placements])
    devices = [
        f"{each.name} ({each.platform or 'platform not known'}, serial {each.serial or 'not known'}, "
        + (f"last reported {each.last_reported:%Y-%m-%d %H:%M} UTC)" if each.last_reported else "never reported)")
        for each in about.devices
    ]
    yield from _headed("devices", devices)
    yield from _headed("offboarding", [f"{step.kind}: {step.state}{_why(step.note)}" for step in about.steps])
    for each in about.diagnoses:
        yield f"  {each.code}  {each.about}: {each.remedy}"


def _standing(found: User) -> str:
    return "deleted" if found.deleted else "active" if found.active else "inactive"


def _lines_of_account(account: Account | None) -> Iterator[str]:
    if account is None:
        yield "  account      none: this person has never been active here"
        return
    yield f"  account      {account.link}{'' if account.wished else '; not wished for'}"
    yield f"    wished     {_profile(account.desired)}"
    if account.observed:
        yield f"    at Hexnode {_profile(account.observed)}"


def _profile(profile: Profile) -> str:
    return f"{profile.name}, {profile.email or 'no address'}, {profile.phone or 'no phone'}"


def _placement(placement: Placement) -> str:
    return f"{placement.group}: {placement.state}{_why(placement.why)}"


def _why(text: str | None) -> str:
    return f" ({text})" if text else ""


def _headed(head: str, lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines or ["none"]):
        yield f"  {'' if number else head:11}  {line}"


def _lines_of_explanations(told: Explanations) -> Iterator[str]:
    for each in told.groups:
        yield f"  {'in    ' if each.is_in else 'not in'}  {each.group}"
        for reason in _reasons(each):
            yield f"            {reason}"
    if told.out_of_scope:
        yield f"  out of scope, and feeding nothing: {', '.join(told.out_of_scope)}"
    if not told.groups:
        yield "  The policy has no Hexnode group yet: no group of the IdP is in scope, and no rule names one."


def _reasons(each: Explanation) -> Iterator[str]:
    if each.forbidden:
        yield each.forbidden
    for way in each.through:
        yield f"by the IdP group {way[-1]}" + (f": in {', which is in '.join(way)}" if way[1:] else "")
    if each.feeding and not each.through:
        yield f"in none of the IdP groups that feed it: {', '.join(each.feeding)}"
    for ruling in each.rulings:
        yield from _clauses(ruling)


def _clauses(ruling: Ruling) -> Iterator[str]:
    yield f"{'by' if ruling.fits else 'not by'} the rule {ruling.rule}"
    for clause in ruling.clauses:
        yield f"  {'yes' if clause.holds else 'no '}  {clause.text}"
