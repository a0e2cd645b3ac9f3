"""The envelope of a PATCH: which operations it asks for (RFC 7644 3.5.2)."""

from typing import Any, NamedTuple

from tests.model.incoming import check_schemas
from tests.model.refusals import invalid

PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Operation(NamedTuple):
    """`has_value` tells a value of null from none at all."""

    kind: str
    path: str | None
    value: Any
    has_value: bool


def operations_of(body: Any) -> list[Operation]:
    """Raises Refusal (invalidSyntax; invalidValue for empty schemas)."""
    sent = _lower(body)
    check_schemas(sent.get("schemas"), PATCH_URN, needed=True)
    if not isinstance(sent.get("operations"), list):
        raise invalid("invalidSyntax")
    return [_operation(_lower(one)) for one in sent["operations"]]


def _operation(sent: dict[str, Any]) -> Operation:
    kind, path = sent.get("op"), sent.get("path")
    if not isinstance(kind, str) or kind.lower() not in {"add", "remove", "replace"}:
        raise invalid("invalidSyntax")
    if path is not None and not isinstance(path, str):
        raise invalid("invalidSyntax")
    return Operation(kind.lower(), path or None, sent.get("value"), "value" in sent)


def _lower(sent: Any) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise invalid("invalidSyntax")
    return {name.lower(): value for name, value in sent.items()}
