"""The guard: whether so many people leaving groups is still everyday work, or something a person must look at first.
Pure; `delivery.holds` counts and keeps what was decided."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """So many withdrawals may be waiting or made in `span`: the larger of a number and a share of all placements
    (safety.md, thresholds: below a floor, percent means nothing)."""

    span: str
    number: int
    percent: int

    def allows(self, placements: int) -> int:
        """How many that is, where so many placements are wished for."""
        return max(self.number, placements * self.percent // 100)


@dataclass(frozen=True)
class Withdrawals:
    """How many wait, how many were made in the last hour and day, and how many placements are wished for."""

    waiting: int
    hour: int
    day: int
    placements: int


def why_held(found: Withdrawals, hour: Limit, day: Limit) -> str | None:
    """The sentence for the operator, with its numbers, when a limit is passed; None when none is, or nothing waits."""
    if not found.waiting:
        return None
    for limit, made in ((hour, found.hour), (day, found.day)):
        if found.waiting + made > limit.allows(found.placements):
            return _sentence(found, limit, found.waiting + made)
    return None


def _sentence(found: Withdrawals, limit: Limit, counted: int) -> str:
    share = f"{limit.percent} % of {found.placements:,} placements ({found.placements * limit.percent // 100:,})"
    return (
        f"{counted:,} withdrawals wait or were made in the last {limit.span}; "
        f"the guard allows {limit.number:,} or {share}"
    )
