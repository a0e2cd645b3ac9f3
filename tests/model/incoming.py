"""What a client sent, as the document that is kept: names in their spelling, nothing unassigned, nothing of ours."""

from collections.abc import Iterable
from typing import Any

from tests.model.attributes import ENTERPRISE_URN, EXTENSION, USERS, Attribute, Kind
from tests.model.refusals import invalid
from tests.model.twins import added

NOTHING: tuple[Any, ...] = (None, "", [], {})
_KEPT_APART = {"schemas", "id", "meta", "groups", "members"}


def document_of(kind: Kind, body: Any, replaces: bool = False) -> dict[str, Any]:
    """The document of a POST, or of a PUT that `replaces`; without schemas, id, meta and references.

    Raises Refusal: invalidSyntax for a wrong envelope, invalidValue for a wrong or missing value.
    """
    if not isinstance(body, dict):
        raise invalid("invalidSyntax")
    sent = {name.lower(): value for name, value in body.items()}
    check_schemas(sent.get("schemas"), kind.urn, needed=not replaces)
    return checked(kind, values_of(kind.attributes, sent))


def check_schemas(schemas: Any, urn: str, needed: bool) -> None:
    """Raises Refusal unless the URN is there (design 8: missing is invalidSyntax, empty is invalidValue)."""
    if schemas is None and not needed:
        return
    if schemas == []:
        raise invalid("invalidValue")
    if not isinstance(schemas, list) or urn.lower() not in [str(name).lower() for name in schemas]:
        raise invalid("invalidSyntax")


def values_of(attributes: Iterable[Attribute], sent: dict[str, Any]) -> dict[str, Any]:
    """The values of these attributes that are assigned; `sent` has lower-case names."""
    kept = {}
    for attribute in attributes:
        if attribute.name.lower() in sent and attribute.name not in _KEPT_APART and not attribute.read_only:
            value = value_of(attribute, sent[attribute.name.lower()])
            if value not in NOTHING:
                kept[attribute.name] = value
    return kept


def value_of(attribute: Attribute, value: Any) -> Any:
    """The value as kept; one of NOTHING when it unassigns. Raises Refusal (invalidValue)."""
    if attribute.name == "active" and value in NOTHING:
        raise invalid("invalidValue")  # design 6: absence is never a command
    if value in NOTHING:
        return None
    if attribute.many:
        return elements_of(attribute, value)
    if attribute.type == "complex":
        return _object_of(attribute, value)
    return _boolean(value) if attribute.type == "boolean" else _text(value)


def elements_of(attribute: Attribute, value: Any) -> list[dict[str, Any]]:
    """The elements of a list, of one object, or of bare values. Raises Refusal (invalidValue)."""
    sent = value if isinstance(value, list) else [value]
    found = [_element(attribute, one) for one in sent if one is not None]
    whole = [element for element in found if is_whole(attribute, element)]
    kept = added(attribute, [], whole)[0] if attribute.sub("value") else whole
    if sum(element.get("primary", False) for element in kept) > 1:
        raise invalid("invalidValue")  # RFC 7643 2.4: at most one
    return kept


def is_whole(attribute: Attribute, element: dict[str, Any]) -> bool:
    """False for an element that says nothing, or lacks the `value` that it should have."""
    return bool(element.get("value") if attribute.sub("value") else element)


def checked(kind: Kind, document: dict[str, Any]) -> dict[str, Any]:
    """The document; raises Refusal (invalidValue) when something required is missing or blank."""
    for attribute in kind.attributes:
        if attribute.required and not str(document.get(attribute.name, "")).strip():
            raise invalid("invalidValue")
    return document


def schemas_of(kind: Kind, document: dict[str, Any]) -> list[str]:
    """The URNs that the document uses (RFC 7643 3.3)."""
    return [kind.urn, *([ENTERPRISE_URN] if kind is USERS and EXTENSION.name in document else [])]


def _element(attribute: Attribute, value: Any) -> dict[str, Any]:
    if isinstance(value, str) and attribute.sub("value"):
        return {"value": _text(value)} if value else {}
    return _object_of(attribute, value)


def _object_of(attribute: Attribute, value: Any) -> dict[str, Any]:
    if attribute.name == "manager" and isinstance(value, str):
        value = {"value": value}  # quirk 48
    if not isinstance(value, dict):
        raise invalid("invalidValue")
    return values_of(attribute.subs, {name.lower(): inner for name, inner in value.items()})


def _boolean(value: Any) -> bool:
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower())  # quirk 41
    if not isinstance(value, bool):
        raise invalid("invalidValue")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise invalid("invalidValue")
    return value
