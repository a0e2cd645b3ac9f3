"""The policy as values: portals and tenants, with their defaults. The file is read by policy_file."""

from dataclasses import dataclass, field
from datetime import timedelta

from scim_bridge.offboarding.recipe import DEFAULT_RECIPE, LEAVE_GROUPS


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
class TenantPolicy:
    """One IdP directory: where it goes, what of it, and what is done about leavers."""

    name: str
    portal: str
    mode: str = "enforce"
    scope: tuple[str, ...] = ("*",)
    group_names: dict[str, str] = field(default_factory=dict)
    on_deactivate: tuple[str, ...] = DEFAULT_RECIPE
    on_delete: tuple[str, ...] = DEFAULT_RECIPE
    lock_message: str = "This device has been locked by your organisation."
    lock_phone: str | None = None

    @property
    def enforces(self) -> bool:
        """False in `observe` mode: everything is planned and shown, nothing is sent."""
        return self.mode == "enforce"

    @property
    def keeps_groups_while_inactive(self) -> bool:
        """True when the recipe does not take an inactive person out of the groups."""
        return LEAVE_GROUPS not in self.on_deactivate


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
