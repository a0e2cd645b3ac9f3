"""The state machine: which requests come, in which order. Hypothesis chooses, and finds the shortest that diverges."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.model import lists
from tests.model.bodies import BODIES, first_group, first_users
from tests.model.duel import Duel, Write
from tests.model.operations import PATCHES
from tests.model.pools import any_of, mostly, targets
from tests.model.queries import Query
from tests.model.searches import PROJECTIONS, QUERIES
from tests.model.showing import Projection
from tests.model.world import World

Draw = Callable[[st.SearchStrategy[Any]], Any]

_KINDS = ("User", "User", "Group")
_NOTHING = {"User": st.none(), "Group": st.none()}
_SENT = {"POST": BODIES, "PUT": BODIES, "PATCH": PATCHES, "DELETE": _NOTHING}
_DEMANDS = mostly(any_of((None, None, "current", "any")), "earlier")


@st.composite
def _writes(draw: Draw, method: str, *kinds: str) -> Write:
    kind = draw(any_of(kinds or _KINDS))
    body, projection = draw(_SENT[method][kind]), draw(PROJECTIONS[kind])
    if method == "POST":
        return Write(method, kind, body=body, projection=projection)
    return Write(method, kind, draw(targets[kind]), body, draw(_DEMANDS), projection)


@st.composite
def _firsts(draw: Draw) -> list[Write]:
    """Two users, and a group of them."""
    bodies = [("User", draw(each)) for each in first_users] + [("Group", draw(first_group))]
    return [Write("POST", kind, body=body) for kind, body in bodies]


@st.composite
def _someone(draw: Draw) -> tuple[str, str]:
    kind = draw(any_of(_KINDS))
    return kind, draw(targets[kind])


@st.composite
def _question(draw: Draw) -> tuple[str, Query]:
    name = draw(any_of(("User", "User", "Group", "Both")))
    return name, draw(QUERIES[name])


@st.composite
def _reads(draw: Draw) -> tuple[str, str, Projection]:
    kind = draw(any_of(_KINDS))
    return kind, draw(targets[kind]), draw(PROJECTIONS[kind])


@st.composite
def _asked(draw: Draw) -> tuple[lists.Way, str, Query, int]:
    return draw(any_of(lists.WAYS)), *draw(_question()), draw(st.integers(1, 3))


class ScimMachine(RuleBasedStateMachine):
    """One sequence. A subclass says in which world it plays."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.duel = Duel(self.world)
        self.last: Write | None = None

    def _write(self, write: Write) -> None:
        self.last = write
        self.duel.write(write)

    @initialize(writes=_firsts())
    def some_are_there(self, writes: list[Write]) -> None:
        for write in writes[:-1]:
            self.duel.write(write, look_around=False)
        self._write(writes[-1])

    @rule(write=_writes("POST"))
    def create(self, write: Write) -> None:
        self._write(write)

    @rule(write=_writes("PUT"))
    def replace(self, write: Write) -> None:
        self._write(write)

    @rule(write=_writes("PATCH", "User"))
    def patch_a_user(self, write: Write) -> None:
        self._write(write)

    @rule(write=_writes("PATCH", "Group"))
    def patch_a_group(self, write: Write) -> None:
        self._write(write)

    @rule(first=_writes("PATCH"), second=_writes("PATCH"))
    def patch_twice(self, first: Write, second: Write) -> None:
        self._write(first)
        self._write(second)

    @rule(write=_writes("DELETE"))
    def delete(self, write: Write) -> None:
        self._write(write)

    @rule()
    def say_it_again(self) -> None:
        if self.last:
            self.duel.write(self.last)

    @rule(who=_someone())
    def put_back_what_is_there(self, who: tuple[str, str]) -> None:
        """As Okta does: id, meta and groups come along (okta.md 5)."""
        self.duel.write(Write("PUT", *who, self.duel.read(*who)))

    @rule(reads=st.lists(_reads(), min_size=1, max_size=4), known=any_of((None, "current", "earlier", "any")))
    def read(self, reads: list[tuple[str, str, Projection]], known: str | None) -> None:
        for kind, target, projection in reads:
            if known:
                self.duel.read_if_changed(kind, target, known)
            else:
                self.duel.read(kind, target, projection)

    @rule(asked=st.lists(_asked(), min_size=2, max_size=8))
    def look_up(self, asked: list[tuple[lists.Way, str, Query, int]]) -> None:
        for way, name, query, size in asked:
            way(self.duel, name, query, size)

    @rule(question=_question(), size=st.integers(1, 2), write=_writes("PATCH") | _writes("DELETE") | _writes("POST"))
    def follow_cursors_around_a_write(self, question: tuple[str, Query], size: int, write: Write) -> None:
        lists.cursors_around(self.duel, *question, size, write)


def playing_in(world: World) -> type[ScimMachine]:
    """The machine for this world."""
    return type("Played", (ScimMachine,), {"world": world})
