"""[tenants.NAME.guard] of the policy: how much may happen to people and devices before a person must look."""

from collections.abc import Mapping
from typing import Any

from scim_bridge.provisioning.policy import Guard
from scim_bridge.provisioning.policy_places import Place
from scim_bridge.provisioning.policy_reader import Reader

_COUNTED = ("withdrawals", "cases", "devices")
# Nobody withdraws or wipes more than a million a day; 0 leaves it to the other one of number and share. 100 wipes a day
# are more than any policy may allow (safety.md, R2 ceiling).
_NUMBERS: Mapping[str, range] = {
    **{f"{what}_per_{span}": range(1_000_001) for what in _COUNTED for span in ("hour", "day")},
    "withdrawals_per_hour_percent": range(101),
    "withdrawals_per_day_percent": range(101),
    "wipes_per_day": range(101),
    "devices_per_person": range(101),
}
# Shares so small that whole percents are too coarse (safety.md, thresholds).
_SHARES = tuple(f"{what}_per_{span}_percent" for what in ("cases", "devices") for span in ("hour", "day"))


def read_guard(reader: Reader, place: Place, part: object) -> Guard:
    """The limits, with defaults for what is not said or cannot be used."""
    values = reader.table(place, part, {**dict.fromkeys(_NUMBERS, int), **dict.fromkeys(_SHARES, object)})
    said: dict[str, Any] = {**reader.numbers(place, values, _NUMBERS), **reader.shares(place, values, _SHARES)}
    guard = Guard(**said)
    if said.keys() == values.keys():  # a number that is no limit has its fault already
        _hours_fit_days(reader, place, guard)
    return guard


def _hours_fit_days(reader: Reader, place: Place, guard: Guard) -> None:
    for what in _COUNTED:
        for kind in ("", "_percent"):
            hour, day = (getattr(guard, f"{what}_per_{span}{kind}") for span in ("hour", "day"))
            if hour > day:
                sentence = f"must not be more than {what}_per_day{kind}, which is {day}."
                reader.fault((*place, f"{what}_per_hour{kind}"), sentence)
