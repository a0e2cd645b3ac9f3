"""The envelopes of RFC 7644: PATCH operations in, list queries in, list responses out.

What stands inside an operation's value or behind a filter is not looked at here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate

from scim_bridge.scim.errors import ScimError, invalid_filter, invalid_syntax, invalid_value, quoted
from scim_bridge.scim.projection import Projection, projection

PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

DEFAULT_COUNT = 100  # the page Okta asks for (okta.md section 7)
MAX_COUNT = 200
MAX_OPERATIONS = 1000
# The largest number that both databases take as an OFFSET; nobody has that many rows.
_LARGEST = 2**31 - 1
_INTEGER = re.compile(r"([+-]?)([0-9]+)")

Op = Literal["add", "remove", "replace"]


@dataclass(frozen=True)
class Operation:
    """One PATCH operation; `has_value` tells `"value": null` from no value at all."""

    op: Op
    path: str | None
    value: Any
    has_value: bool


@dataclass(frozen=True)
class ListQuery:
    """What a list request asks for; `start_index` counts from 1, `count` is within the server's page."""

    filter: str | None
    start_index: int
    count: int
    projection: Projection


def _op(op: Any) -> Op:
    """Any letter case: Entra's default dialect capitalises (quirk 43)."""
    lowered = op.lower() if isinstance(op, str) else op
    if lowered not in ("add", "remove", "replace"):
        raise ValidationError(f"{quoted(op)} is not one of add, remove and replace")
    return cast(Op, lowered)


class _Envelope(Schema):
    class Meta:
        unknown = EXCLUDE  # Entra adds `name` to operations, `id` to the body (entra.md section 6)

    @pre_load
    def _any_letter_case(self, data: Any, **_: Any) -> Any:
        return {key.lower(): value for key, value in data.items()} if isinstance(data, dict) else data


class _OperationSchema(_Envelope):
    op = fields.Function(deserialize=_op, required=True)
    path = fields.String(load_default=None, allow_none=True)
    value = fields.Raw(allow_none=True)

    @post_load
    def _operation(self, data: dict[str, Any], **_: Any) -> Operation:
        return Operation(data["op"], data["path"] or None, data.get("value"), "value" in data)


class _PatchSchema(_Envelope):
    schemas = fields.List(fields.String(), required=True)
    operations = fields.List(
        fields.Nested(_OperationSchema), required=True, validate=validate.Length(max=MAX_OPERATIONS)
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
    try:
        envelope = _PATCH.load(body)
    except ValidationError as error:
        raise _refusal(error) from None
    check_schemas(envelope["schemas"], PATCH_URN)
    return tuple(envelope["operations"])


def _refusal(error: ValidationError) -> ScimError:
    """The first fault, with the way to it: "Operations.0.op: Missing data for required field."."""
    way, fault = [], cast(Any, error.messages)
    while isinstance(fault, dict):
        key, fault = next(iter(fault.items()))
        way.append("Operations" if key == "operations" else str(key))
    return invalid_syntax(f"{'.'.join(way)}: {fault[0]}")


def list_response(resources: list[dict[str, Any]], total: int, start_index: int) -> dict[str, Any]:
    """One page as a ListResponse, always with all its numbers as integers (okta.md section 7)."""
    return {
        "schemas": [LIST_URN],
        "totalResults": total,
        "startIndex": start_index,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def list_query(args: Mapping[str, str]) -> ListQuery:
    """The query arguments of a list request (RFC 7644 section 3.4.2); unknown ones are ignored.

    Raises 400 invalidValue for numbers that are none, 400 invalidFilter for an empty filter.
    """
    text = args.get("filter")
    if text is not None and not text.strip():
        raise invalid_filter("The filter is empty")
    return ListQuery(
        filter=text,
        start_index=max(1, _integer(args, "startIndex", 1)),
        count=min(MAX_COUNT, max(0, _integer(args, "count", DEFAULT_COUNT))),
        projection=projection(args.get("attributes"), args.get("excludedAttributes")),
    )


def _integer(args: Mapping[str, str], name: str, default: int) -> int:
    """A whole number, clipped; the digits are counted before they are converted."""
    if name not in args:
        return default
    match = _INTEGER.fullmatch(args[name].strip())
    if match is None:
        raise invalid_value(f"{name} must be a whole number, not {quoted(args[name])}")
    sign, digits = match.groups()
    digits = digits.lstrip("0") or "0"
    number = _LARGEST if len(digits) > 10 else min(int(digits), _LARGEST)
    return -number if sign == "-" else number
