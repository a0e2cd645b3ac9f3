"""`scim-bridge policy`: what the policy says and what is wrong with it. `check` needs no database and asks nobody."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from scim_bridge import config
from scim_bridge.config import Settings, SettingsError
from scim_bridge.provisioning import policy_file
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.provisioning.policy_file import Checked
from scim_bridge.scim.comparison import folded
from scim_bridge.scim.filter_text import filter_text, path_text


@click.group()
def policy() -> None:
    """Check the policy and explain what it decides."""


@policy.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
def check(file: Path | None) -> None:
    """Name every fault of the policy with its line, or show what it says of each tenant.

    FILE is the policy; without it, the one that SCIM_BRIDGE_POLICY names. An API key that is not set on this machine
    is a fault too, but it comes last and hides nothing of what the file says.
    """
    checked = _checked(config.read(), file)
    if not checked.faults:
        for tenant in checked.policy.tenants.values():
            _show(tenant)
    if checked.faults or checked.not_set:
        raise SettingsError([*checked.faults, *checked.not_set])


def _checked(settings: Settings, file: Path | None) -> Checked:
    path = file or settings.policy_path
    return policy_file.check(path, settings.environ) if path else Checked(policy_file.load(settings), [], [])


def _show(tenant: TenantPolicy) -> None:
    click.echo(f"tenant {tenant.name}")
    for what, lines in _said(tenant):
        first, *rest = ["".join(sign if sign.isprintable() else "?" for sign in line) for line in lines] or ["none"]
        click.echo(f"  {what:11}  {first}")
        for line in rest:
            click.echo(f"  {'':11}  {line}")


def _said(tenant: TenantPolicy) -> Iterator[tuple[str, Iterable[str]]]:
    yield "portal", [tenant.portal]
    yield "mode", [tenant.mode if tenant.enforces else f"{tenant.mode}: all is planned and shown, nothing is sent"]
    yield "scope", tenant.scope
    yield "groups", (f"{name} -> {groupname}" for name, groupname in tenant.group_names.items())
    yield "rules", (f"{rule.name}: {filter_text(rule.when)} -> {rule.groupname}" for rule in tenant.rules)
    yield "exclusive", _exclusive(tenant)
    users, groups = tenant.protected_users, tenant.protected_groups
    yield "protected", (*(f"user {one}" for one in users), *(f"group {one}" for one in groups))
    yield "attributes", _attributes(tenant)
    yield "guard", _guard(tenant)
    yield "leavers", (f"deactivated: {_steps(tenant.on_deactivate)}", f"deleted: {_steps(tenant.on_delete)}")


def _exclusive(tenant: TenantPolicy) -> list[str]:
    """As they are written where they are filled; the scope has no names, and theirs are kept folded."""
    names = (*tenant.group_names.values(), *(rule.groupname for rule in tenant.rules))
    written = {folded(name): name for name in names}
    return sorted(written.get(name, name) for name in tenant.exclusive)


def _attributes(tenant: TenantPolicy) -> Iterator[str]:
    mapped = tenant.attributes
    yield f"store: {mapped.store}"
    for name, paths in (("name", mapped.name), ("email", mapped.email), ("phone", mapped.phone)):
        yield f"{name}: {', else '.join(map(path_text, paths)) or 'in the built-in order'}"


def _guard(tenant: TenantPolicy) -> Iterator[str]:
    guard = tenant.guard
    yield f"holds withdrawals above {guard.withdrawals_per_hour} and {guard.withdrawals_per_hour_percent} % in an hour"
    yield f"holds withdrawals above {guard.withdrawals_per_day} and {guard.withdrawals_per_day_percent} % in a day"


def _steps(recipe: tuple[str, ...]) -> str:
    return ", ".join(recipe) or "nothing"
