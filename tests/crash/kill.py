"""When a driver is killed: the call, and the point of it. Values; `rounds` does the killing."""

from dataclasses import dataclass, field

# In the order in which a call passes them: written down and not sent; on its way; done and not answered; answered, and
# the outcome not written down.
BEFORE_SEND = "before_send"
BEFORE_EFFECT = "hang_before_effect"
AFTER_EFFECT = "hang_after_effect"
AFTER_ANSWER = "after_answer"
POINTS = (BEFORE_SEND, BEFORE_EFFECT, AFTER_EFFECT, AFTER_ANSWER)
# The driver kills itself there; at the others it hangs in a call until it is killed.
BY_ITSELF = (BEFORE_SEND, AFTER_ANSWER)
# While the devices of a case are planned, and what was planned is not committed.
IN_A_PLAN = "in_a_plan"
# Whenever the moment comes, inside a call or between two.
ANY_MOMENT = "any_moment"


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
    """Kill at this point of the target, or in a plan, or anywhere; `delay` seconds later. `lands`: a request that hangs
    before its effect takes effect all the same, after its sender died and before the next driver starts."""

    point: str
    target: Target = field(default_factory=Target)
    delay: float = 0.0
    lands: bool = False

    def __str__(self) -> str:
        where = f" {self.target}{', landing late' if self.lands else ''}" if self.point in POINTS else ""
        return f"{self.point}{where}, {self.delay:.2f} s"
