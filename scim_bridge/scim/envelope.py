"""What the envelopes of RFC 7644's messages share: names in any letter case, strangers ignored, faults told."""

from typing import Any, cast

from marshmallow import EXCLUDE, Schema, ValidationError, pre_load

from scim_bridge.scim.errors import invalid_syntax


class Envelope(Schema):
    """A message or a part of one; its fields are named as on the wire by their `data_key`."""

    class Meta:
        unknown = EXCLUDE  # Entra adds `name` to operations, `id` to the body (entra.md section 6)

    @pre_load
    def _as_spelled_here(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict):
            return data
        names = (field.data_key or name for name, field in self.load_fields.items())
        spelling = {name.lower(): name for name in names}
        return {spelling.get(key.lower(), key): value for key, value in data.items()}


def loaded(schema: Envelope, sent: Any) -> dict[str, Any]:
    """What the envelope holds. Raises 400 invalidSyntax."""
    try:
        return cast(dict[str, Any], schema.load(sent))
    except ValidationError as error:
        raise invalid_syntax(_first_fault(error)) from None


def _first_fault(error: ValidationError) -> str:
    """With the way to it: "Operations.0.op: Missing data for required field."."""
    way, fault = [], cast(Any, error.messages)
    while isinstance(fault, dict):
        key, fault = next(iter(fault.items()))
        way.append(str(key))
    return f"{'.'.join(way)}: {fault[0]}"
