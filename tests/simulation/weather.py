"""What befalls calls on their way to Hexnode: single troubles by dice, and outages that last. Knows no call by name."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from random import Random

# A late call lands after its sender has given up (20 s), and before anybody may believe that it never will (60 s).
LATE_AFTER, LATE_UNTIL = 21.0, 55.0


class Trouble(Enum):
    """A way in which a call fails. Those up to LATE have no effect, or not yet."""

    REFUSED = auto()  # nobody accepts the connection
    THROTTLED = auto()  # 429 without a word of how long
    KEY_REFUSED = auto()
    BAD_GATEWAY = auto()  # 502 with a page for people, before anything happened
    LOST = auto()  # swallowed: no answer, no effect
    DIES_BEFORE = auto()  # the driver's process dies with the journal written and nothing sent
    LATE = auto()  # no answer; the effect comes later
    UNANSWERED = auto()  # no answer; the effect is there
    RESET = auto()
    CUT = auto()  # half an answer
    BAD_GATEWAY_AFTER = auto()
    DIES_AFTER = auto()  # the driver's process dies before it reads the answer

    @property
    def leaves_doubt(self) -> bool:
        """Whether the driver cannot know if the call took effect."""
        return self not in (Trouble.REFUSED, Trouble.THROTTLED, Trouble.KEY_REFUSED)


@dataclass(frozen=True)
class Outage:
    """From when until when every call suffers the same."""

    begins: datetime
    ends: datetime
    trouble: Trouble


@dataclass
class Weather:
    """`rate` is the share of calls that suffer something; `outages` come on top. `clear` ends all of it."""

    dice: Random
    rate: float = 0.0
    outages: tuple[Outage, ...] = ()
    kinds: tuple[Trouble, ...] = tuple(Trouble)
    met: list[Trouble] = field(default_factory=list)

    def befalls(self, now: datetime, *, is_write: bool) -> Trouble | None:
        """What this call suffers."""
        trouble = next((outage.trouble for outage in self.outages if outage.begins <= now < outage.ends), None)
        if trouble is None and self.dice.random() < self.rate:
            trouble = self.dice.choice(self.kinds)
        if trouble is Trouble.LATE and not is_write:
            trouble = Trouble.LOST  # when a page is read means nothing to Hexnode
        if trouble is not None:
            self.met.append(trouble)
        return trouble

    def lateness(self) -> timedelta:
        """How long after it was sent a late call lands."""
        return timedelta(seconds=self.dice.uniform(LATE_AFTER, LATE_UNTIL))

    def clear(self) -> None:
        """Nothing befalls any call from here on."""
        self.rate, self.outages = 0.0, ()
