"""The grammar of filters (RFC 7644 3.4.2.2), read by descent."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.model.attributes import Attribute, Kind, Place, element_place, find
from tests.model.comparing import moment
from tests.model.filters import All, Compare, Element, Filter, Not, Present, Some
from tests.model.refusals import invalid

Find = Callable[[str], Place | None]
_TOKEN = re.compile(r'\s*("(?:\\.|[^"\\])*"|[()\[\]]|[^\s()\[\]"]+)')
_ORDERS = {"gt", "ge", "lt", "le"}
_PARTS = {"co", "sw", "ew"}


def parse(text: str, kind: Kind, among: Sequence[Kind] = ()) -> Filter:
    """A filter of the kind; names of the others it is asked among have no value. Raises Refusal (invalidFilter)."""
    return _parse(text, lambda name: find(kind, name) or _foreign(name, among))


def parse_inner(text: str, attribute: Attribute) -> Filter:
    """What stands in `attribute[...]`. Raises Refusal (invalidFilter)."""
    return _parse(text, lambda name: element_place(attribute, name))


def _foreign(name: str, kinds: Sequence[Kind]) -> Place | None:
    """A place in which no document has anything."""
    return next((place._replace(container=each.urn) for each in kinds if (place := find(each, name))), None)


def _parse(text: str, look_up: Find) -> Filter:
    tokens = list(_tokens(text))
    reader = _Reader(tokens, look_up)
    found = reader.disjunction()
    if reader.tokens:
        raise invalid("invalidFilter")
    return found


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise invalid("invalidFilter")
        yield match[1]
        position = match.end()


class _Reader:
    """One method for each rule of the grammar; each takes its tokens off the front."""

    def __init__(self, tokens: list[str], look_up: Find) -> None:
        self.tokens = tokens
        self._find = look_up

    def disjunction(self) -> Filter:
        terms = [self._conjunction()]
        while self._skip("or"):
            terms.append(self._conjunction())
        return terms[0] if len(terms) == 1 else Some(tuple(terms))

    def _conjunction(self) -> Filter:
        terms = [self._term()]
        while self._skip("and"):
            terms.append(self._term())
        return terms[0] if len(terms) == 1 else All(tuple(terms))

    def _term(self) -> Filter:
        if self._next("not") and self.tokens[1:2] == ["("]:
            self._take()
            return Not(self._term())
        if self._skip("("):
            inner = self.disjunction()
            self._must(")")
            return inner
        return self._clause()

    def _clause(self) -> Filter:
        place = self._place(self._take())
        if not self._skip("["):
            return self._comparison(place)
        if not place.attribute.many or not place.attribute.subs or place.sub:
            raise invalid("invalidFilter")
        inner = _Reader(self.tokens, lambda name: element_place(place.attribute, name))
        condition = inner.disjunction()
        self._must("]")
        return Element(place, All((condition, *self._further(place.attribute))))

    def _further(self, attribute: Attribute) -> list[Filter]:
        """`.sub operator value` after the bracket, or the comparison that means `.value` (entra.md 3)."""
        within = _Reader(self.tokens, lambda name: element_place(attribute, name))
        if self.tokens and self.tokens[0].startswith("."):
            return [within._comparison(within._place(within._take()[1:]))]
        if self.tokens and self.tokens[0].lower() in {"eq", "ne", "pr", *_PARTS, *_ORDERS}:
            return [within._comparison(within._place("value"))]
        return []

    def _comparison(self, place: Place) -> Filter:
        operator = self._take().lower()
        if operator == "pr":
            return Present(place)
        literal = self._take()
        place = _simple(place)
        attribute = place.sub or place.attribute
        value = _literal(literal, attribute)
        _check_operator(operator, attribute, value)
        return Compare(place, operator, value)

    def _place(self, name: str) -> Place:
        place = self._find(name)
        if place is None:
            raise invalid("invalidFilter")
        return place

    def _next(self, word: str) -> bool:
        return bool(self.tokens) and self.tokens[0].lower() == word

    def _skip(self, word: str) -> bool:
        return self._next(word) and bool(self._take())

    def _must(self, word: str) -> None:
        if not self._skip(word):
            raise invalid("invalidFilter")

    def _take(self) -> str:
        if not self.tokens:
            raise invalid("invalidFilter")
        return self.tokens.pop(0)


def _simple(place: Place) -> Place:
    """A complex attribute means its `value` (checklist 114)."""
    if place.sub or not place.attribute.subs:
        return place
    value = place.attribute.sub("value")
    if value is None:
        raise invalid("invalidFilter")
    return place._replace(sub=value)


def _literal(text: str, attribute: Attribute) -> Any:
    """The value in the attribute's type; a bare word is text (entra.md 3)."""
    if text.lower() == "null":
        return None
    try:
        value = json.loads(text) if text.startswith('"') else text
        if attribute.type == "boolean":
            return {"true": True, "false": False}[value.lower()]
        if attribute.type == "dateTime":
            moment(value)
    except (KeyError, ValueError):
        raise invalid("invalidFilter") from None
    return value


def _check_operator(operator: str, attribute: Attribute, value: Any) -> None:
    fitting = {"eq", "ne"}
    if attribute.type != "boolean":
        fitting |= _ORDERS if attribute.type != "binary" else set()
    if attribute.type not in {"boolean", "dateTime"}:
        fitting |= _PARTS
    if operator not in fitting or (value is None and operator not in {"eq", "ne"}):
        raise invalid("invalidFilter")
