"""`scim-bridge policy`: what the policy says and what is wrong with it. `check` needs no database and asks nobody."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from scim_bridge import config
from scim_bridge.config import Settings, SettingsError
from scim_bridge.offboarding.recipe import OWNERSHIPS, Instruction
from scim_bridge.offboarding.triggers import DEACTIVATED, DELETED, TRIGGERS
from scim_bridge.provisioning import policy_file
from scim_bridge.provisioning.policy import Guard, Hooks, TenantPolicy
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
    yield "protected", _protected(tenant)
    yield "attributes", _attributes(tenant)
    yield "guard", _guard(tenant.guard)
    yield "leavers", _leavers(tenant)
    yield "hr webhook", _hr_webhook(tenant.hooks)


def _exclusive(tenant: TenantPolicy) -> list[str]:
    """As they are written where they are filled; the scope has no names, and theirs are kept folded."""
    names = (*tenant.group_names.values(), *(rule.groupname for rule in tenant.rules))
    written = {folded(name): name for name in names}
    return sorted(written.get(name, name) for name in tenant.exclusive)


def _protected(tenant: TenantPolicy) -> Iterator[str]:
    kinds = {"user": tenant.protected_users, "group": tenant.protected_groups, "device": tenant.protected_devices}
    return (f"{kind} {one}" for kind, patterns in kinds.items() for one in patterns)


def _attributes(tenant: TenantPolicy) -> Iterator[str]:
    mapped = tenant.attributes
    yield f"store: {mapped.store}"
    for name, paths in (("name", mapped.name), ("email", mapped.email), ("phone", mapped.phone)):
        yield f"{name}: {', else '.join(map(path_text, paths)) or 'in the built-in order'}"


def _guard(guard: Guard) -> Iterator[str]:
    for what in ("withdrawals", "cases", "devices"):
        for span in ("hour", "day"):
            number, share = (getattr(guard, f"{what}_per_{span}{kind}") for kind in ("", "_percent"))
            yield f"holds {what} above {number} and {share} % in {'an' if span == 'hour' else 'a'} {span}"
    yield f"at most {guard.wipes_per_day} wipes a day, and {guard.devices_per_person} devices of one person"


def _leavers(tenant: TenantPolicy) -> Iterator[str]:
    """What the IdP does is always said; the rest where it is another than without a policy."""
    usual = TenantPolicy(tenant.name, tenant.portal)
    for trigger in TRIGGERS:
        recipe = tenant.recipe_for(trigger)
        if trigger in (DEACTIVATED, DELETED) or recipe != usual.recipe_for(trigger):
            yield f"{trigger.replace('_', ' ')}: {', '.join(map(_step, recipe)) or 'nothing'}"


def _step(step: Instruction) -> str:
    """With the devices it is for, when not for all."""
    ownership = " and ".join(step.ownership) if step.ownership != OWNERSHIPS else ""
    narrowed = ", ".join(filter(None, (ownership, " and ".join(step.platforms))))
    return f"{step} ({narrowed})" if narrowed else str(step)


def _hr_webhook(hooks: Hooks) -> list[str]:
    count = len(hooks.secrets)
    secrets = f"{count} {'secret' if count == 1 else 'secrets'}, {hooks.urgent_per_day} urgent events a day"
    return [secrets] if count else []
