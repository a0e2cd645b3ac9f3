"""How long a number of calls takes under the allowance. Pure."""

from datetime import timedelta

from scim_bridge.delivery.allowance import DAY, DAY_RESERVE, MINUTE, Allowance
from scim_bridge.provisioning.policy import PortalPolicy


def how_long(calls: int, policy: PortalPolicy, left: Allowance) -> timedelta:
    """The time until the last of `calls` ordinary calls is sent: by the minute's pace, and day by day where the
    day's pool is the narrower gate."""
    if calls <= 0:
        return timedelta(0)
    per_minute = policy.calls_per_minute - policy.protect_reserve
    by_pace = _at_pace(calls, per_minute, left)
    today = max(0, int(left.day_left - left.day_pool * DAY_RESERVE))
    if calls <= today:
        return by_pace
    # A pool of thousands of devices holds more than the minutes of a day let through.
    usable_a_day = min(int(left.day_pool * (1 - DAY_RESERVE)), per_minute * (DAY // MINUTE))
    whole_days, rest = divmod(calls - today - 1, max(1, usable_a_day))
    return max(by_pace, DAY * (whole_days + 1) + MINUTE * ((rest + 1) // per_minute))


def _at_pace(calls: int, per_minute: int, left: Allowance) -> timedelta:
    """What this minute still takes goes at once; the rest waits minute by minute."""
    at_once = max(0, left.minute_left - left.protect_reserve)
    return timedelta(minutes=-(-max(0, calls - at_once) // per_minute))
