"""The guard: whether so much leaving and destroying is still everyday work, or something a person must look at first.
Pure; `delivery.holds` counts withdrawals and `offboarding.holds` the rest, and they keep what was decided."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

# Full wipes of a tenant in a day, whoever releases them (safety.md, R2 ceiling).
WIPES_AT_MOST: Final = 100


@dataclass(frozen=True)
class Limit:
    """So many may be waiting or made in `span`: the larger of a number and a share of the whole (safety.md, thresholds:
    below a floor, percent means nothing). `percent` may be a decimal."""

    span: str
    number: int
    percent: float

    def allows(self, whole: int) -> int:
        """How many that is, where there are so many in all."""
        return max(self.number, self.share(whole))

    def share(self, whole: int) -> int:
        """The share alone, rounded down; exact, as 0.7 % of 1,000 is 7 and no binary fraction."""
        return int(Decimal(str(self.percent)) * whole / 100)

    def told(self, whole: int, name: str) -> str:
        """What is allowed, for the operator."""
        return f"the guard allows {self.number:,} or {self.percent:g} % of {whole:,} {name} ({self.share(whole):,})"


# Of the hour, and of the day.
Limits = tuple[Limit, Limit]


@dataclass(frozen=True)
class Standing:
    """A tenant's limits of offboarding. `active_users` and `portal_devices` count what the shares are of; they are
    asked only when a number is passed, or while the tenant is held."""

    tenant: str
    cases: Limits
    devices: Limits
    wipes_per_day: int
    active_users: Callable[[], int]
    portal_devices: Callable[[], int]
    wipes_at_most: int = WIPES_AT_MOST


@dataclass(frozen=True)
class Withdrawals:
    """How many wait, how many were made in the last hour and day, and how many placements are wished for."""

    waiting: int
    hour: int
    day: int
    placements: int


@dataclass(frozen=True)
class Opened:
    """How many cases were opened in the last hour and day, and how many users are active. `longer` are those of before
    of which nothing was sent yet, as happens after a long stop: they are no smaller a mass than if they were new."""

    hour: int
    day: int
    active_users: int
    longer: int = 0


@dataclass(frozen=True)
class DeviceActions:
    """How many destructive device actions are ready, how many others were sent in the last hour and day, and how many
    devices the portal has."""

    ready: int
    hour: int
    day: int
    devices: int


def why_held(found: Withdrawals, hour: Limit, day: Limit) -> str | None:
    """The sentence for the operator, with its numbers, when a limit is passed; None when none is, or nothing waits."""
    if not found.waiting:
        return None
    for limit, made in ((hour, found.hour), (day, found.day)):
        counted = found.waiting + made
        if counted > limit.allows(found.placements):
            what = f"{counted:,} withdrawals wait or were made in the last {limit.span}"
            return f"{what}; {limit.told(found.placements, 'placements')}"
    return None


def why_cases_held(found: Opened, limits: Limits) -> str | None:
    """The same of cases: the sentence when more were opened than a limit allows."""
    hour, day = limits
    for limit, opened, longer in ((hour, found.hour, 0), (day, found.day, found.longer)):
        if opened + longer > limit.allows(found.active_users):
            what = f"{opened + longer:,} cases were opened in the last {limit.span}"
            what += " or have waited for longer" if longer else ""
            return f"{what}; {limit.told(found.active_users, 'active users')}"
    return None


def why_devices_held(found: DeviceActions, limits: Limits) -> str | None:
    """The same of destructive device actions; None when none is ready."""
    if not found.ready:
        return None
    for limit, sent in zip(limits, (found.hour, found.day), strict=True):
        counted = found.ready + sent
        if counted > limit.allows(found.devices):
            what = f"{counted:,} destructive device actions are ready or were sent in the last {limit.span}"
            return f"{what}; {limit.told(found.devices, 'devices')}"
    return None


def why_wipes_held(ready: int, day: int, per_day: int) -> str | None:
    """The same of full wipes, which have a number and no share: so many are ready, so many others were sent today."""
    if not ready or ready + day <= per_day:
        return None
    return f"{ready + day:,} wipes are ready or were sent in the last day; the guard allows {per_day:,}"


def why_no_wipe(sent: int, at_most: int) -> str | None:
    """The sentence when so many full wipes were sent in 24 hours that no release lets another one go."""
    if sent < at_most:
        return None
    return f"{sent:,} wipes were sent in the last 24 hours; more than {at_most:,} are never sent, whoever releases them"
