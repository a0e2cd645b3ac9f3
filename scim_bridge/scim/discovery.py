"""What the server says about itself (RFC 7643 sections 5 to 7), generated from the definitions it works with.

No null stands anywhere: Entra breaks on them (entra.md section 1).
"""

from typing import Any

from scim_bridge.scim.bulk import MAX_OPERATIONS, MAX_PAYLOAD_SIZE
from scim_bridge.scim.queries import DEFAULT_COUNT, MAX_COUNT
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE, ResourceType
from scim_bridge.scim.schema import Attribute, Schema

_URN = "urn:ietf:params:scim:schemas:core:2.0:"
_RESOURCE_TYPES = (USER_TYPE, GROUP_TYPE)

# The keys that lead to what is kept: ("emails", "value"). Shorter ones mean all that is below; () means everything.
Kept = frozenset[tuple[str, ...]]
_ALL: Kept = frozenset(((),))

# A client that walks through a million users a page at a time keeps each cursor for a moment only.
CURSOR_SECONDS = 3600


def service_provider_config(base_url: str) -> dict[str, Any]:
    """`/ServiceProviderConfig`; `base_url` is the public address of `/scim/v2` without a slash at its end."""
    return {
        "schemas": [_URN + "ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {
            "supported": True,
            "maxOperations": MAX_OPERATIONS,
            "maxPayloadSize": MAX_PAYLOAD_SIZE,
        },
        "filter": {"supported": True, "maxResults": MAX_COUNT},
        "changePassword": {"supported": False},
        "sort": {"supported": True},
        "etag": {"supported": True},
        "pagination": {
            "cursor": True,
            "index": True,
            "defaultPaginationMethod": "index",
            "defaultPageSize": DEFAULT_COUNT,
            "maxPageSize": MAX_COUNT,
            "cursorTimeout": CURSOR_SECONDS,
        },
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "A token of the tenant in the Authorization header",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "primary": True,
            }
        ],
        "meta": _meta("ServiceProviderConfig", f"{base_url}/ServiceProviderConfig"),
    }


def resource_types(base_url: str) -> list[dict[str, Any]]:
    """The resources of `/ResourceTypes`."""
    return [_resource_type(resource_type, base_url) for resource_type in _RESOURCE_TYPES]


def schemas(base_url: str, kept: Kept | None = None) -> list[dict[str, Any]]:
    """The resources of `/Schemas`: every schema in use, each once. `kept` are the attributes of a User that are kept,
    by the keys that lead to them; None: all."""
    found = [(known, schema) for known in _RESOURCE_TYPES for schema in known.schemas]
    return [
        _schema(schema, base_url, _kept_in(schema, kept) if kept is not None and known is USER_TYPE else _ALL)
        for known, schema in found
    ]


def _kept_in(schema: Schema, kept: Kept) -> Kept:
    """Those of one schema; an extension's stand below its URN."""
    return kept if schema is USER_TYPE.schema else _below(schema.urn, kept)


def _below(name: str, kept: Kept) -> Kept:
    return frozenset(keys[1:] for keys in kept if keys[0] == name)


def _meta(kind: str, location: str) -> dict[str, str]:
    return {"resourceType": kind, "location": location}


def _resource_type(resource_type: ResourceType, base_url: str) -> dict[str, Any]:
    return {
        "schemas": [_URN + "ResourceType"],
        "id": resource_type.name,
        "name": resource_type.name,
        "endpoint": resource_type.endpoint,
        "description": resource_type.schema.description,
        "schema": resource_type.schema.urn,
        "schemaExtensions": [{"schema": schema.urn, "required": False} for schema in resource_type.extensions],
        "meta": _meta("ResourceType", f"{base_url}/ResourceTypes/{resource_type.name}"),
    }


def _schema(schema: Schema, base_url: str, kept: Kept) -> dict[str, Any]:
    return {
        "schemas": [_URN + "Schema"],
        "id": schema.urn,
        "name": schema.name,
        "description": schema.description,
        "attributes": _attributes(schema.attributes, kept),
        "meta": _meta("Schema", f"{base_url}/Schemas/{schema.urn}"),
    }


def _attributes(attributes: tuple[Attribute, ...], kept: Kept) -> list[dict[str, Any]]:
    """Without what is never kept: a listed password would be expected back (entra.md section 14). What is read-only is
    our own and not kept but made."""
    found = [(attribute, kept if () in kept else _below(attribute.name, kept)) for attribute in attributes]
    return [
        _attribute(attribute, _ALL if attribute.mutability == "readOnly" else below)
        for attribute, below in found
        if attribute.returned != "never" and (below or attribute.mutability == "readOnly")
    ]


def _attribute(attribute: Attribute, kept: Kept) -> dict[str, Any]:
    """One attribute (RFC 7643 section 7); a complex one has no uniqueness (erratum 6004)."""
    described: dict[str, Any] = {
        "name": attribute.name,
        "type": attribute.type,
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "required": attribute.required,
        "caseExact": attribute.case_exact,
        "mutability": attribute.mutability,
        "returned": attribute.returned,
    }
    if attribute.type != "complex":
        described["uniqueness"] = attribute.uniqueness
    return described | _optional(attribute, kept)


def _optional(attribute: Attribute, kept: Kept) -> dict[str, Any]:
    lists: dict[str, list[Any]] = {
        "canonicalValues": list(attribute.canonical_values),
        "referenceTypes": list(attribute.reference_types),
        "subAttributes": _attributes(attribute.sub_attributes, kept),
    }
    return {name: values for name, values in lists.items() if values}
