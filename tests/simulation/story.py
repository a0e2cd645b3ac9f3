"""A story to play and what came of it. Values."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Story:
    """How large and how long. `rate` is the share of calls to Hexnode that suffer some trouble."""

    seed: int
    people: int = 12
    days: int = 21
    deeds: float = 1.5
    """A day."""
    rate: float = 0.04

    @property
    def is_small(self) -> bool:
        """A small company has few devices and therefore few calls: it is read rarely."""
        return self.people <= 100

    @property
    def options(self) -> str:
        """What plays exactly this story on the command line."""
        size = f"--people {self.people} --days {self.days} --deeds {self.deeds:g}"
        return f"--seeds {self.seed} {size} --rate {self.rate:g}"


@dataclass(frozen=True)
class Result:
    """What a run came to; `wrong` is empty when all promises were kept. `ledger` is all that Hexnode was told."""

    story: Story
    calls: int
    troubles: int
    crashes: int
    released: int
    drained_after: timedelta
    wrong: tuple[str, ...]
    ledger: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        verdict = "OK" if not self.wrong else f"{len(self.wrong)} WRONG"
        return (
            f"seed {self.story.seed}: {self.story.people} people, {self.story.days} days, {self.calls} calls, "
            f"{self.troubles} troubles, {self.crashes} crashes, "
            f"{self.released} holds released, drained after {self.drained_after}: {verdict}"
        )
