"""When a driver is killed: the call, and the point of it. Values; `rounds` does the killing."""

from dataclasses import dataclass, field

# In the order in which a call passes them; the last is whenever the moment comes, inside a call or between two.
BEFORE_SEND = "before_send"
BEFORE_EFFECT = "hang_before_effect"
AFTER_EFFECT = "hang_after_effect"
ANY_MOMENT = "any_moment"
POINTS = (BEFORE_SEND, BEFORE_EFFECT, AFTER_EFFECT)


@dataclass(frozen=True)
class Target:
    """The nth call of this method (None: any) whose path below the API's base matches, from its start."""

    method: str | None = None
    path: str = ""
    nth: int = 1

    def __str__(self) -> str:
        return f"call {self.nth} of {self.method or 'any'} {self.path}".rstrip()


@dataclass(frozen=True)
class Kill:
    """Kill at this point of the target, `delay` seconds later. `lands`: a request that hangs before its effect
    takes effect all the same, after its sender died and before the next driver starts."""

    point: str
    target: Target = field(default_factory=Target)
    delay: float = 0.0
    lands: bool = False

    def __str__(self) -> str:
        where = "" if self.point == ANY_MOMENT else f" {self.target}{', landing late' if self.lands else ''}"
        return f"{self.point}{where}, {self.delay:.2f} s"
