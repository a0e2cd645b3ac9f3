"""The policy as values: portals and tenants, with their defaults. The file is read by policy_file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any

from scim_bridge.offboarding.recipe import DEFAULT_RECIPE, Instruction, takes_groups
from scim_bridge.scim.comparison import folded
from scim_bridge.scim.filter import Filter
from scim_bridge.scim.filter_text import filter_text, path_text
from scim_bridge.scim.path import Path


@dataclass(frozen=True)
class ActionStatus:
    """How this portal's rows of an action's status are read, which no page tells (hexnode-api.md 13, row 19): the names
    of the fields, and the words that mean that a device has done it, or failed to."""

    action_field: str = "action"
    status_field: str = "status"
    time_field: str = "created_time"
    done_words: tuple[str, ...] = ()
    failed_words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paths:
    """Words of paths and fields that the reference could not establish (hexnode-api.md 9.9, 9.10, 13 rows 17, 18, 26).
    Without `disenroll` no recipe may disenroll; without `ownership` every device's ownership is unknown.
    `wipe_options` are added to the body, by platform (`os_name` in small letters; "" is any)."""

    wipe: str = "wipe_device"
    disenroll: str = ""
    wipe_options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ownership: str = ""
    corporate_words: tuple[str, ...] = ("corporate", "2")
    personal_words: tuple[str, ...] = ("personal", "1")


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
    paths: Paths = Paths()
    # None: rows cannot be read, so they prove nothing.
    action_status: ActionStatus | None = None


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
    """How much may be waiting or done in an hour or a day before a person must look: the larger of a number and a share
    (safety.md, thresholds). Withdrawals: a share of all placements wished for; cases: of all active users; devices that
    something destructive is done to: of all devices of the portal. `wipes_per_day` has no share."""

    withdrawals_per_hour: int = 50
    withdrawals_per_hour_percent: int = 10
    withdrawals_per_day: int = 150
    withdrawals_per_day_percent: int = 30
    cases_per_hour: int = 10
    cases_per_hour_percent: float = 1
    cases_per_day: int = 30
    cases_per_day_percent: float = 5
    devices_per_hour: int = 5
    devices_per_hour_percent: float = 0.5
    devices_per_day: int = 20
    devices_per_day_percent: float = 2
    wipes_per_day: int = 10
    devices_per_person: int = 5


@dataclass(frozen=True)
class Hooks:
    """The HR webhook of a tenant. `secrets` are those of Standard Webhooks, each of them good, for rotation; without
    any there is no such webhook. So many urgent events a day may shorten their holds to nothing."""

    secrets: tuple[str, ...] = field(default=(), repr=False)
    urgent_per_day: int = 0


@dataclass(frozen=True)
class TenantPolicy:
    """One IdP directory: where it goes, what of it, and what is done about leavers.

    `exclusive` are folded names of Hexnode groups in which nobody but ours may be. `protected_users` are patterns of
    userNames, `protected_groups` of Hexnode group names, `protected_devices` of serial numbers: none is ever touched.
    """

    name: str
    portal: str
    mode: str = "enforce"
    scope: tuple[str, ...] = ("*",)
    group_names: dict[str, str] = field(default_factory=dict)
    on_deactivate: tuple[Instruction, ...] = DEFAULT_RECIPE
    on_delete: tuple[Instruction, ...] = DEFAULT_RECIPE
    on_hr_event: tuple[Instruction, ...] = DEFAULT_RECIPE
    on_offboard: tuple[Instruction, ...] = DEFAULT_RECIPE
    on_scope_loss: tuple[Instruction, ...] = ()
    lock_message: str = "This device has been locked by your organisation."
    lock_phone: str | None = None
    # Whether people with Macs are locked with a random PIN; those without Apple silicon need one (hexnode-api.md 9.3).
    lock_pin: bool = True
    hooks: Hooks = Hooks()
    rules: tuple[Rule, ...] = ()
    attributes: Attributes = Attributes()
    exclusive: frozenset[str] = frozenset()
    protected_users: tuple[str, ...] = ()
    protected_groups: tuple[str, ...] = ()
    protected_devices: tuple[str, ...] = ()
    guard: Guard = Guard()

    @property
    def enforces(self) -> bool:
        """False in `observe` mode: everything is planned and shown, nothing is sent."""
        return self.mode == "enforce"

    @property
    def keeps_groups_while_inactive(self) -> bool:
        """True when the recipe does not take an inactive person out of the groups."""
        return not takes_groups(self.on_deactivate)

    def recipe_for(self, trigger: str) -> tuple[Instruction, ...]:
        """What is done when that happens (see offboarding.triggers)."""
        recipes = {
            "deactivated": self.on_deactivate,
            "deleted": self.on_delete,
            "hr_event": self.on_hr_event,
            "operator": self.on_offboard,
            "scope_lost": self.on_scope_loss,
        }
        return recipes[trigger]

    def protects_user(self, user_name: str) -> bool:
        """Whether this person is never touched, whoever says so."""
        return fits_any(user_name, self.protected_users)

    def protects_device(self, serial: str) -> bool:
        """Whether nothing destructive is done to the device of this serial number, whoever says so."""
        return fits_any(serial, self.protected_devices)

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
