"""The policy as values: portals and tenants, with their defaults. The file is read by policy_file."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from hashlib import sha256

from scim_bridge.offboarding.recipe import DEFAULT_RECIPE, LEAVE_GROUPS
from scim_bridge.scim.comparison import folded
from scim_bridge.scim.filter import Filter
from scim_bridge.scim.filter_text import filter_text, path_text
from scim_bridge.scim.path import Path


@dataclass(frozen=True)
class PortalPolicy:
    """One Hexnode account and what it may be asked for. Numbers from hexnode-api.md 5: 30 calls a minute and 10 a day
    per device are Hexnode's; 25 leave room for people and other integrations, 5 of them are kept for `protect`."""

    name: str
    url: str
    api_key: str = field(repr=False)
    calls_per_minute: int = 25
    protect_reserve: int = 5
    calls_per_device_per_day: int = 10
    # What a portal with few devices accepts is not documented, so it is a setting (hexnode-api.md 5, last line).
    calls_per_day_minimum: int = 100
    page_size: int = 100
    survey_every: timedelta = timedelta(hours=6)
    adopt_groups: bool = False


@dataclass(frozen=True)
class Rule:
    """Just-in-time group mapping: whom the filter `when` describes belongs in a Hexnode group."""

    name: str
    when: Filter
    text: str
    groupname: str

    @property
    def key(self) -> str:
        """The key of the Hexnode group, as of one that IdP groups are mapped to by its name."""
        return named_key(self.groupname)


@dataclass(frozen=True)
class Attributes:
    """Where the only three attributes that leave for Hexnode come from: the first path that gives a value; without any,
    the order of `mapping`. `store` says what is kept here: "standard" everything, "minimal" only what is needed."""

    store: str = "standard"
    name: tuple[Path, ...] = ()
    email: tuple[Path, ...] = ()
    phone: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Guard:
    """How many withdrawals may be waiting or done in an hour or a day before a person must look: the larger of a
    number and a share of all placements wished for (safety.md, thresholds)."""

    withdrawals_per_hour: int = 50
    withdrawals_per_hour_percent: int = 10
    withdrawals_per_day: int = 150
    withdrawals_per_day_percent: int = 30


@dataclass(frozen=True)
class TenantPolicy:
    """One IdP directory: where it goes, what of it, and what is done about leavers.

    `exclusive` are folded names of Hexnode groups in which nobody but ours may be. `protected_users` are patterns of
    userNames, `protected_groups` of Hexnode group names: neither is ever touched.
    """

    name: str
    portal: str
    mode: str = "enforce"
    scope: tuple[str, ...] = ("*",)
    group_names: dict[str, str] = field(default_factory=dict)
    on_deactivate: tuple[str, ...] = DEFAULT_RECIPE
    on_delete: tuple[str, ...] = DEFAULT_RECIPE
    lock_message: str = "This device has been locked by your organisation."
    lock_phone: str | None = None
    rules: tuple[Rule, ...] = ()
    attributes: Attributes = Attributes()
    exclusive: frozenset[str] = frozenset()
    protected_users: tuple[str, ...] = ()
    protected_groups: tuple[str, ...] = ()
    guard: Guard = Guard()

    @property
    def enforces(self) -> bool:
        """False in `observe` mode: everything is planned and shown, nothing is sent."""
        return self.mode == "enforce"

    @property
    def keeps_groups_while_inactive(self) -> bool:
        """True when the recipe does not take an inactive person out of the groups."""
        return LEAVE_GROUPS not in self.on_deactivate

    def protects_user(self, user_name: str) -> bool:
        """Whether this person is never touched, whoever says so."""
        return fits_any(user_name, self.protected_users)

    def protects_group(self, groupname: str) -> bool:
        """Whether nobody is put into or taken out of the Hexnode group of this name."""
        return fits_any(groupname, self.protected_groups)


@dataclass(frozen=True)
class Policy:
    """All portals and tenants by name."""

    portals: dict[str, PortalPolicy]
    tenants: dict[str, TenantPolicy]

    def tenants_of(self, portal: str) -> tuple[TenantPolicy, ...]:
        """The tenants bound to a portal."""
        return tuple(tenant for tenant in self.tenants.values() if tenant.portal == portal)

    def enforced(self, portal: str) -> tuple[str, ...]:
        """Names of the tenants whose differences may be sent to this portal."""
        return tuple(tenant.name for tenant in self.tenants_of(portal) if tenant.enforces)


def digest(policy: TenantPolicy) -> str:
    """A hash of what decides the desired state, the same on every machine and for every spelling of the same rules;
    messages, limits and the mode are no part of it."""
    mapped = policy.attributes
    paths = [[path_text(path) for path in paths] for paths in (mapped.name, mapped.email, mapped.phone)]
    rules = {(filter_text(rule.when), rule.groupname) for rule in policy.rules}
    decides = [
        policy.portal, sorted(set(policy.scope)), sorted(policy.group_names.items()), sorted(rules),
        mapped.store, paths, sorted(policy.exclusive),
        sorted(set(map(folded, policy.protected_users))), sorted(set(map(folded, policy.protected_groups))),
        policy.keeps_groups_while_inactive,
    ]  # fmt: skip
    return sha256(json.dumps(decides).encode()).hexdigest()


def named_key(groupname: str) -> str:
    """The key of the Hexnode group that several IdP groups and rules may feed, found by its name."""
    return f"name:{folded(groupname)}"


def fits_any(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether the name fits one of the patterns of `protected`, in any letter case."""
    return any(fnmatchcase(folded(name), folded(pattern)) for pattern in patterns)
