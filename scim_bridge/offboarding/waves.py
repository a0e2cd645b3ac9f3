"""Waves: how fast destructive device actions follow after a person has let them go. One, to see what it does; then
five; then two a minute (safety.md, waves after release). Pure; each wait begins with what was sent, not with the
release, so that a device which becomes ready late is still the only first one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

FIRST: Final = 1
SECOND: Final = 5
A_MINUTE: Final = 2
WAIT: Final = timedelta(minutes=10)
MINUTE: Final = timedelta(minutes=1)
# The waves in words, for who releases.
TOLD: Final = (
    f"{FIRST} at first, {WAIT // MINUTE} minutes later {SECOND} more, "
    f"{WAIT // MINUTE} minutes after those {A_MINUTE} a minute"
)


def allowed(first: Sequence[datetime], last_minute: int, now: datetime) -> int:
    """How many more may be sent now. `first` are the moments of the first FIRST + SECOND sends since the release (later
    ones change nothing), the oldest first; so many of all were sent within the last MINUTE."""
    alone, five = first[:FIRST], first[FIRST : FIRST + SECOND]
    if not alone:
        return FIRST
    if now < alone[-1] + WAIT:
        return 0
    if len(five) < SECOND:
        return SECOND - len(five)
    return max(0, A_MINUTE - last_minute) if now >= five[-1] + WAIT else 0
