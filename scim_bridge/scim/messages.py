"""The envelope of a PATCH (RFC 7644 section 3.5.2): its operations.

What stands inside a value is not looked at here.
"""

from dataclasses import dataclass
from typing import Any, Literal, cast

from marshmallow import ValidationError, fields, post_load, validate

from scim_bridge.scim.envelope import Envelope, loaded
from scim_bridge.scim.errors import invalid_syntax, invalid_value, quoted

PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MAX_OPERATIONS = 1000

Op = Literal["add", "remove", "replace"]


@dataclass(frozen=True)
class Operation:
    """One PATCH operation; `has_value` tells `"value": null` from no value at all."""

    op: Op
    path: str | None
    value: Any
    has_value: bool


def _op(op: Any) -> Op:
    """Any letter case: Entra's default dialect capitalises (quirk 43)."""
    lowered = op.lower() if isinstance(op, str) else op
    if lowered not in ("add", "remove", "replace"):
        raise ValidationError(f"{quoted(op)} is not one of add, remove and replace")
    return cast(Op, lowered)


class _OperationSchema(Envelope):
    op = fields.Function(deserialize=_op, required=True)
    path = fields.String(load_default=None, allow_none=True)
    value = fields.Raw(allow_none=True)

    @post_load
    def _operation(self, data: dict[str, Any], **_: Any) -> Operation:
        return Operation(data["op"], data["path"] or None, data.get("value"), "value" in data)


class _PatchSchema(Envelope):
    schemas = fields.List(fields.String(), required=True)
    operations = fields.List(
        fields.Nested(_OperationSchema),
        data_key="Operations",
        required=True,
        validate=validate.Length(max=MAX_OPERATIONS),
    )


_PATCH = _PatchSchema()


def check_schemas(schemas: list[str], *accepted: str) -> None:
    """That `schemas` names one of the accepted URNs, in any letter case.

    Raises 400 invalidValue for an empty list and 400 invalidSyntax otherwise; further URNs are tolerated.
    """
    if not schemas:
        raise invalid_value("'schemas' is empty")
    if not {urn.lower() for urn in schemas} & {urn.lower() for urn in accepted}:
        raise invalid_syntax(f"'schemas' does not contain {accepted[0]}")


def patch_operations(body: dict[str, Any]) -> tuple[Operation, ...]:
    """The operations of a PatchOp body (RFC 7644 section 3.5.2); none is allowed (quirk 51).

    Raises 400 invalidSyntax for a malformed envelope.
    """
    envelope = loaded(_PATCH, body)
    check_schemas(envelope["schemas"], PATCH_URN)
    return tuple(envelope["operations"])
