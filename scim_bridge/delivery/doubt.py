"""Whether a reading that shows far less than was known is believed. Pure: a list may be cut off by Hexnode or by
something in between, and believing it would undo and redo everything (safety.md, reconciler)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# A mass deletion is real when two whole readings agree, with this share for what came and went between them.
AGREES_WITHIN = 0.01
# Two readings in one breath may have met the same fault.
NOT_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True)
class Doubt:
    """A reading that was not believed: when it began, how many it showed, and the sentence for people."""

    at: datetime
    count: int
    sentence: str


@dataclass(frozen=True)
class Reading:
    """A whole reading of `what`: when it began, how many were known and how many of them it showed."""

    what: str
    began: datetime
    known: int
    shown: int


def doubt_of(reading: Reading, is_believable: bool, before: Doubt | None) -> Doubt | None:
    """The doubt that a reading leaves, given that of the one before it. None: it is believed."""
    if is_believable:
        return None
    if before is None or not _agree(before.count, reading.shown):
        return Doubt(reading.began, reading.shown, _sentence(reading))
    return before if reading.began < before.at + NOT_BEFORE else None


def _agree(first: int, second: int) -> bool:
    return abs(first - second) <= max(1, max(first, second) * AGREES_WITHIN)


def _sentence(reading: Reading) -> str:
    return (
        f"At {reading.began:%Y-%m-%d %H:%M} UTC {reading.what} showed only {reading.shown} of the {reading.known} that "
        "were known. Nothing was changed; if the next reading shows the same, it is believed."
    )
