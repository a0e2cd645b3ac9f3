"""The few values that all sequences share, so that names collide, people come back and filters find something."""

from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]

# Of each pair the second is the first in other letters: sharp s, Kelvin sign, combining ring, full width.
USER_NAMES = ("ann", "ANN", "stra\u00dfe@x.test", "STRASSE@X.TEST", "kim", "\u212aim", "\u00e5sa", "A\u030aSA", "ａnn")
EXTERNAL_IDS = ("e1", "E1", "e2")
GROUP_NAMES = ("Crew", "CREW", "Stra\u00dfe", "STRASSE", "Deck")
TEXTS = ("Pilot", "PILOT", "Stra\u00dfe", "STRASSE", 'a%b"\\', "a_\U0001f680")
EMAILS = ("ann@x.test", "ANN@X.TEST", "kim@y.test")
PHONES = ("+49 431 1", "0431-2")
TYPES = ("work", "WORK", "home", "other")

# Resources by the order of their creation, counted round; `World.resolved` puts the real ids in. Of the strange ones
# one belongs to nobody and one to another tenant.
USER_IDS = ("<u0>", "<u1>", "<u2>", "<u3>")
GROUP_IDS = ("<g0>", "<g1>", "<g2>")
STRANGE_IDS = ("<nobody>", "<stranger>")

any_of = st.sampled_from
texts = any_of(TEXTS)


def mostly(usual: Strategy, *rare: Any) -> Strategy:
    """One of `rare` in one case of twenty."""
    return any_of(range(20)).flatmap(lambda number: any_of(rare) if number == 13 else usual)


targets = {
    "User": mostly(any_of(USER_IDS), *STRANGE_IDS, "<g0>"),
    "Group": mostly(any_of(GROUP_IDS), *STRANGE_IDS, "<u0>"),
}
member_ids = any_of((*USER_IDS, *USER_IDS, "<g1>", *STRANGE_IDS))
managers = any_of(("<u0>", "boss"))


def some(**values: Strategy) -> Strategy:
    """An object with any of these keys."""
    return st.fixed_dictionaries({}, optional=values)


def respelled(value: Any, spelling: str) -> Any:
    """The same JSON with the names of all objects in upper, lower or their own case."""
    if isinstance(value, dict):
        change = {"upper": str.upper, "lower": str.lower}.get(spelling, str)
        return {change(name): respelled(inner, spelling) for name, inner in value.items()}
    return [respelled(one, spelling) for one in value] if isinstance(value, list) else value


spellings = any_of(("own", "own", "upper", "lower"))
