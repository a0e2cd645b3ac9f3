"""What to do about a call that failed, by the kind of failure. Pure: randomness is passed in (safety.md, retries)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scim_bridge.hexnode.errors import HexnodeError, KeyRefused, Rejected, Throttled, Uncertain, Unreachable

FIRST_WAIT = timedelta(seconds=2)
# Longer waits would keep a leaver's lock waiting after Hexnode is back; one call a minute costs little.
LONGEST_WAIT = timedelta(seconds=60)
# A refused key is not repaired in seconds, and each try is a call of the day's pool.
KEY_WAIT = timedelta(minutes=15)
KEY_REFUSED = "key refused"


@dataclass(frozen=True)
class Pause:
    """The whole portal waits until then, for this reason."""

    until: datetime
    reason: str


def pause_after(error: HexnodeError, failures: int, now: datetime, luck: float) -> Pause | None:
    """The pause an error asks for; None when only this call is wrong. `failures` came before it in a row; `luck`
    from 0 to 1 spreads the waits (full jitter)."""
    match error:
        case Throttled():
            return Pause(now + timedelta(seconds=max(error.retry_after, 1.0)), "throttled")
        case KeyRefused():
            return Pause(now + KEY_WAIT, KEY_REFUSED)
        case Unreachable() | Uncertain():
            longest = min(FIRST_WAIT * 2 ** min(failures, 10), LONGEST_WAIT)
            return Pause(now + longest * (0.5 + luck / 2), "unreachable")
        case _:
            return None


def outcome_of(error: HexnodeError) -> str:
    """The journal's word for an error."""
    match error:
        case Rejected():
            return "rejected"
        case Throttled():
            return "throttled"
        case KeyRefused():
            return KEY_REFUSED
        case Uncertain():
            return "uncertain"
        case _:
            return "unreachable"
