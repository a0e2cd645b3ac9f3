"""The paths of PATCH (RFC 7644 3.5.2): `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub`, each also with a URN."""

import re
from typing import NamedTuple

from tests.model.attributes import Attribute, Kind, Place, find
from tests.model.filters import Filter
from tests.model.grammar import parse_inner
from tests.model.refusals import Refusal, invalid

_CHOSEN = re.compile(r"(?P<name>[^\[\]]+)\[(?P<filter>.*)\](?:\.(?P<sub>\w+))?", re.DOTALL)


class Path(NamedTuple):
    """A place, and which of its elements; no filter means all of them."""

    place: Place
    filter: Filter | None = None

    @property
    def attribute(self) -> Attribute:
        return self.place.attribute


def parse_path(text: str, kind: Kind) -> Path:
    """Raises Refusal (invalidPath)."""
    chosen = _CHOSEN.fullmatch(text.strip())
    place = find(kind, chosen["name"] if chosen else text)
    if place is None:
        raise invalid("invalidPath")
    return _with_filter(place, chosen["filter"], chosen["sub"]) if chosen else Path(place)


def _with_filter(place: Place, text: str, name: str | None) -> Path:
    sub = place.attribute.sub(name) if name else None
    if place.sub or not place.attribute.many or (name and not sub):
        raise invalid("invalidPath")
    try:
        return Path(place._replace(sub=sub), parse_inner(text, place.attribute))
    except Refusal:
        raise invalid("invalidPath") from None
