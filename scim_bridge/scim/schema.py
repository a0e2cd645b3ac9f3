"""The schemas we serve (RFC 7643 sections 3, 4 and 8.7), as values.

One definition drives validation, letter case, mutability, projection, filter typing, PATCH and `/Schemas`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

Type = Literal["string", "boolean", "decimal", "integer", "dateTime", "reference", "binary", "complex"]
Mutability = Literal["readOnly", "readWrite", "immutable", "writeOnly"]
Returned = Literal["always", "never", "default", "request"]
Uniqueness = Literal["none", "server", "global"]
# What a string must look like beyond its type: an address with one @, a name a person can read and type, an id.
Form = Literal["text", "email", "handle", "id"]


# Attributes, schemas and resource types are compared as the one object that each of them is: they are keys of caches.
@dataclass(frozen=True, kw_only=True, eq=False)
class Attribute:
    """One attribute and its characteristics (RFC 7643 section 2.2).

    `max_length` counts characters; `clearable` is False where null and "" are refused, lest they be taken for a
    command.
    """

    name: str
    description: str = ""
    type: Type = "string"
    multi_valued: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: Mutability = "readWrite"
    returned: Returned = "default"
    uniqueness: Uniqueness = "none"
    canonical_values: tuple[str, ...] = ()
    reference_types: tuple[str, ...] = ()
    sub_attributes: tuple["Attribute", ...] = ()
    form: Form = "text"
    max_length: int = 1024
    clearable: bool = True

    @cached_property
    def _subs(self) -> dict[str, "Attribute"]:
        return _by_name(self.sub_attributes)

    def sub(self, name: str) -> "Attribute | None":
        """The sub-attribute of that name in any letter case (RFC 7643 section 2.1), or None."""
        return self._subs.get(name.lower())


@dataclass(frozen=True, kw_only=True, eq=False)
class Schema:
    """One schema (RFC 7643 section 7)."""

    urn: str
    name: str
    description: str
    attributes: tuple[Attribute, ...]

    @cached_property
    def container(self) -> Attribute:
        """The schema as the complex attribute, named by its URN, that holds an extension's values."""
        return Attribute(name=self.urn, description=self.description, type="complex", sub_attributes=self.attributes)

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name in any letter case, or None."""
        return self.container.sub(name)


def _by_name(attributes: Iterable[Attribute]) -> dict[str, Attribute]:
    return {attribute.name.lower(): attribute for attribute in attributes}


def _text(name: str, description: str, **characteristics: Any) -> Attribute:
    return Attribute(name=name, description=description, **characteristics)


def _complex(name: str, description: str, *subs: Attribute, **characteristics: Any) -> Attribute:
    return _text(name, description, type="complex", sub_attributes=subs, **characteristics)


def _uri(name: str, description: str, *types: str, **characteristics: Any) -> Attribute:
    """A reference: case-exact (RFC 7643 section 2.3.7), and longer than other text."""
    return _text(
        name,
        description,
        type="reference",
        case_exact=True,
        reference_types=types,
        max_length=4096,
        **characteristics,
    )


def _read_only(name: str, description: str, **characteristics: Any) -> Attribute:
    return _text(name, description, mutability="readOnly", **characteristics)


def _multi(name: str, description: str, *subs: Attribute) -> Attribute:
    """A multi-valued attribute with the usual companions (RFC 7643 section 2.4).

    No `display` unless given: Entra's "Test Schema" rejects `emails[type eq "work"].display` (quirk 86).
    """
    primary = _text("primary", "True for the one preferred value.", type="boolean")
    return _complex(name, description, *subs, primary, multi_valued=True)


def _kind(*canonical: str) -> Attribute:
    return _text("type", "What the value is for.", canonical_values=canonical)


_DISPLAY = _text("display", "A name for people.")
_REF = _uri("$ref", "The URI of the resource.", "User", "Group", mutability="readOnly")

# Every resource has these (RFC 7643 section 3.1); they are not listed in /Schemas.
COMMON = (
    _read_only("schemas", "The schemas in use.", type="reference", multi_valued=True, returned="always"),
    _read_only("id", "Our identifier.", case_exact=True, returned="always", uniqueness="global"),
    _complex(
        "meta",
        "What the server knows about the resource.",
        _read_only("resourceType", "The kind of resource.", case_exact=True),
        _read_only("created", "When it was created.", type="dateTime"),
        _read_only("lastModified", "When it last changed.", type="dateTime"),
        _uri("location", "Its address.", mutability="readOnly"),
        _read_only("version", "Its entity tag.", case_exact=True),
        mutability="readOnly",
    ),
)

# Listed in /Schemas although it is common: a mapping screen without it cannot be used (quirk 90).
_EXTERNAL_ID = _text("externalId", "The client's own identifier.", case_exact=True)

USER = Schema(
    urn="urn:ietf:params:scim:schemas:core:2.0:User",
    name="User",
    description="A person",
    attributes=(
        _text(
            "userName",
            "The name the person signs in with; unique in the directory, in any letter case.",
            required=True,
            uniqueness="server",
            form="handle",
            max_length=256,
        ),
        _EXTERNAL_ID,
        _complex(
            "name",
            "The parts of the person's name.",
            _text("formatted", "The whole name."),
            _text("familyName", "The family name."),
            _text("givenName", "The given name."),
            _text("middleName", "The middle names."),
            _text("honorificPrefix", "A title before the name."),
            _text("honorificSuffix", "A suffix after the name."),
        ),
        _text("displayName", "The name shown to people."),
        _text("nickName", "The casual name."),
        _uri("profileUrl", "The person's page.", "external"),
        _text("title", "The job title."),
        _text("userType", "The relation to the organisation."),
        _text("preferredLanguage", "The preferred languages."),
        _text("locale", "The locale."),
        _text("timezone", "The time zone."),
        # Only an explicit true or false decides about a person; null, "" and absence never do. Removed, it is not shown
        # any more, and the person stays what they were.
        _text("active", "False for a leaver.", type="boolean", clearable=False),
        # Accepted because clients send it, and dropped (quirk 69): never listed, stored or returned.
        _text("password", "Not kept.", mutability="writeOnly", returned="never", case_exact=True),
        _multi(
            "emails",
            "E-mail addresses.",
            _text("value", "The address.", form="email", max_length=320),
            _kind("work", "home", "other"),
        ),
        _multi(
            "phoneNumbers",
            "Telephone numbers.",
            _text("value", "The number."),
            _kind("work", "home", "mobile", "fax", "pager", "other"),
        ),
        _multi("ims", "Messaging addresses.", _text("value", "The address."), _kind()),
        _multi("photos", "Pictures.", _uri("value", "The picture.", "external"), _kind("photo", "thumbnail")),
        _multi(
            "addresses",
            "Postal addresses.",
            _text("formatted", "The whole address."),
            _text("streetAddress", "Street and house."),
            _text("locality", "Town."),
            _text("region", "State or region."),
            _text("postalCode", "Postal code."),
            _text("country", "Country."),
            _kind("work", "home", "other"),
        ),
        _complex(
            "groups",
            "The groups the person belongs to; changed through the groups.",
            _read_only("value", "The group's id.", case_exact=True),
            _REF,
            _read_only("display", "The group's name."),
            _read_only("type", "direct or indirect."),
            multi_valued=True,
            mutability="readOnly",
        ),
        _multi("entitlements", "Entitlements.", _text("value", "The entitlement."), _DISPLAY, _kind()),
        # Entra packs a whole JSON object into the string (entra.md section 9).
        _multi("roles", "Roles.", _text("value", "The role.", max_length=8192), _DISPLAY, _kind()),
        _multi(
            "x509Certificates",
            "Certificates.",
            _text("value", "In base64.", type="binary", case_exact=True, max_length=65536),
            _DISPLAY,
            _kind(),
        ),
    ),
)

ENTERPRISE_USER = Schema(
    urn="urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name="EnterpriseUser",
    description="A person in an organisation",
    attributes=(
        _text("employeeNumber", "The number of the employee."),
        _text("costCenter", "The cost centre."),
        _text("organization", "The organisation."),
        _text("division", "The division."),
        _text("department", "The department."),
        _complex(
            "manager",
            "The person's manager.",
            _text("value", "The manager's id.", case_exact=True, form="id"),
            _REF,
            _read_only("displayName", "The manager's name."),
        ),
    ),
)

# Kept as rows, never inside a group's document; the module `members` reads it from requests.
MEMBERS = _complex(
    "members",
    "The members of the group.",
    _text("value", "The member's id.", case_exact=True, mutability="immutable"),
    _uri("$ref", "The member's URI.", "User", "Group", mutability="immutable"),
    # No display: what a client sends there is not kept, and we promise only what we keep (quirk 86).
    _text("type", "User or Group.", mutability="immutable", canonical_values=("User", "Group")),
    multi_valued=True,
)

GROUP = Schema(
    urn="urn:ietf:params:scim:schemas:core:2.0:Group",
    name="Group",
    description="A group of people",
    attributes=(
        _text(
            "displayName",
            "The name of the group; unique in the directory, in any letter case.",
            required=True,
            uniqueness="server",
            max_length=256,
        ),
        _EXTERNAL_ID,
        MEMBERS,
    ),
)
