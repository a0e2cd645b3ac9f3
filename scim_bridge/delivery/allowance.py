"""The allowance: how many calls a portal still accepts, this minute and today, and what each lane may use of it.

Pure; `journal` counts. Both windows roll: when Hexnode's day begins is not documented, and a rolling day keeps within
any fixed one (hexnode-api.md 5).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from scim_bridge.delivery.lanes import Lane
from scim_bridge.provisioning.policy import PortalPolicy

MINUTE = timedelta(seconds=60)
DAY = timedelta(days=1)
# The share of the day's pool that only `protect` may use, so that a backlog never costs a leaver's lock.
DAY_RESERVE = 0.2


@dataclass(frozen=True)
class Used:
    """Calls sent in the last minute (their moments, oldest first) and in the last day (how many)."""

    minute: tuple[datetime, ...]
    day: int


@dataclass(frozen=True)
class Allowance:
    """What is left for each lane now; `day_pool` is the whole day's."""

    minute_left: int
    day_left: int
    protect_reserve: int
    day_pool: int

    def permits(self, lane: Lane) -> bool:
        """Whether a call of this lane may be sent now: the lower lanes leave the reserve untouched."""
        if lane is Lane.PROTECT:
            return self.minute_left > 0 and self.day_left > 0
        return self.minute_left > self.protect_reserve and self.day_left > self.day_pool * DAY_RESERVE


def most(policy: PortalPolicy, pool: int, lane: Lane) -> tuple[int, int]:
    """How many calls there may be in any minute and any day while calls of this lane are sent; at least one."""
    if lane is Lane.PROTECT:
        return max(1, policy.calls_per_minute), max(1, pool)
    return max(1, policy.calls_per_minute - policy.protect_reserve), max(1, ceil(pool - pool * DAY_RESERVE))


def allowance(policy: PortalPolicy, used: Used, devices: int | None) -> Allowance:
    """What is left, given what was used and how many devices the portal manages (None: not yet counted)."""
    pool = max(policy.calls_per_device_per_day * (devices or 0), policy.calls_per_day_minimum)
    return Allowance(policy.calls_per_minute - len(used.minute), pool - used.day, policy.protect_reserve, pool)
