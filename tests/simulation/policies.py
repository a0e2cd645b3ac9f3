"""The policies of a simulation: the model's own rules, and the same as the bridge's."""

from collections.abc import Mapping
from random import Random

from scim_bridge.provisioning.policy import Policy, PortalPolicy, Rule, TenantPolicy
from scim_bridge.scim.comparison import folded
from scim_bridge.scim.filter_parser import parse
from scim_bridge.scim.resources import USER_TYPE
from tests.simulation.company import Rules


def first(tenant: str) -> Rules:
    """What a tenant begins with: two teams feed one group, and a department is a group by itself."""
    departments = (("Docks", f"Docks {tenant}"),)
    return Rules("Team ", _mapped(tenant, 2), departments, frozenset({f"Field {tenant}"}))


def another(dice: Random, tenant: str) -> Rules:
    """Some other policy of this tenant."""
    departments = tuple((name, f"{name} {tenant}") for name in ("Docks", "Research") if dice.random() < 0.5)
    exclusive = frozenset(name for name in (f"Field {tenant}", f"Docks {tenant}") if dice.random() < 0.5)
    return Rules(dice.choice(("Team ", "Team ", "")), _mapped(tenant, dice.randint(0, 2)), departments, exclusive)


def policy(portal: PortalPolicy, rules: Mapping[str, Rules]) -> Policy:
    """The bridge's policy that says what the rules say."""
    return Policy({portal.name: portal}, {name: _tenant(name, portal.name, its) for name, its in rules.items()})


def _mapped(tenant: str, count: int) -> tuple[tuple[str, str], ...]:
    return ((f"Sales {tenant}", f"Field {tenant}"), (f"Presales {tenant}", f"Field {tenant}"))[:count]


def _tenant(name: str, portal: str, rules: Rules) -> TenantPolicy:
    return TenantPolicy(
        name, portal, scope=(f"{rules.scope}*",), group_names=dict(rules.mapped),
        rules=tuple(_rule(*each) for each in rules.departments),
        exclusive=frozenset(map(folded, rules.exclusive)),
    )  # fmt: skip


def _rule(department: str, groupname: str) -> Rule:
    text = f'title eq "{department}" and active eq true'
    return Rule(department, parse(text, USER_TYPE), text, groupname)
