"""When two values are the same one, and which comes first (RFC 7643 2.2 and 2.3, RFC 7644 3.4.2.2)."""

import unicodedata
from datetime import UTC, datetime
from typing import Any

from tests.model.attributes import Attribute


def folded(text: str) -> str:
    """Text that is not case-exact, as compared: RFC 7613's width mapping, case folding and composition."""
    narrow = "".join(_narrow(character) for character in text)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", narrow).casefold())


def moment(text: str) -> datetime:
    """A dateTime (RFC 7643 2.3.5); without an offset it is UTC. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def key(attribute: Attribute, value: Any) -> Any:
    """What stands for the value in comparisons and orders."""
    if attribute.type == "dateTime":
        return moment(value)
    return folded(value) if isinstance(value, str) and not attribute.exact else value


def _narrow(character: str) -> str:
    wide = unicodedata.decomposition(character).split()
    return chr(int(wide[1], 16)) if wide[:1] in (["<wide>"], ["<narrow>"]) else character
