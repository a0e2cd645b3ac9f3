"""What RFC 7643 section 4 says of the attributes, and how a name finds one. Addresses and the like have no `display`
(entra.md 14)."""

from dataclasses import dataclass
from typing import NamedTuple

USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass(frozen=True)
class Attribute:
    """One attribute; `types` are the canonical values of its sub-attribute `type`."""

    name: str
    type: str = "string"
    many: bool = False
    exact: bool = False
    read_only: bool = False
    required: bool = False
    subs: tuple["Attribute", ...] = ()
    types: tuple[str, ...] = ()

    def sub(self, name: str) -> "Attribute | None":
        """The sub-attribute of that name in any letter case."""
        return _named(self.subs, name)


class Place(NamedTuple):
    """Where a name leads: the URN of the extension or None, the attribute, the sub-attribute or None."""

    container: str | None
    attribute: Attribute
    sub: Attribute | None = None

    @property
    def read_only(self) -> bool:
        return self.attribute.read_only or bool(self.sub and self.sub.read_only)


def _texts(*names: str) -> tuple[Attribute, ...]:
    return tuple(Attribute(name) for name in names)


def _many(name: str, subs: str, *types: str, value: str = "string") -> Attribute:
    made = [
        Attribute("value", value, exact=value != "string") if sub == "value" else Attribute(sub) for sub in subs.split()
    ]
    return Attribute(name, "complex", many=True, subs=(*made, Attribute("primary", "boolean")), types=types)


def _reference(read_only: bool) -> Attribute:
    return Attribute("$ref", "reference", exact=True, read_only=read_only)


_META = (
    Attribute("resourceType", exact=True),
    Attribute("created", "dateTime"),
    Attribute("lastModified", "dateTime"),
    Attribute("location", "reference", exact=True),
    Attribute("version", exact=True),
)
COMMON = (
    Attribute("schemas", "reference", many=True, exact=True, read_only=True),
    Attribute("id", exact=True, read_only=True),
    Attribute("externalId", exact=True),
    Attribute("meta", "complex", read_only=True, subs=_META),
)
_GROUPS = (
    Attribute("value", exact=True, read_only=True),
    _reference(True),
    *(Attribute(name, read_only=True) for name in ("display", "type")),
)
USER = (
    Attribute("userName", required=True),
    Attribute(
        "name",
        "complex",
        subs=_texts("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"),
    ),
    *_texts("displayName", "nickName", "title", "userType", "preferredLanguage", "locale", "timezone"),
    Attribute("profileUrl", "reference", exact=True),
    Attribute("active", "boolean"),
    _many("emails", "value type", "work", "home", "other"),
    _many("phoneNumbers", "value type", "work", "home", "mobile", "fax", "pager", "other"),
    _many("ims", "value type"),
    _many("photos", "value type", "photo", "thumbnail", value="reference"),
    _many("addresses", "formatted streetAddress locality region postalCode country type", "work", "home", "other"),
    Attribute("groups", "complex", many=True, read_only=True, subs=_GROUPS),
    _many("entitlements", "value display type"),
    _many("roles", "value display type"),
    _many("x509Certificates", "value display type", value="binary"),
)
_MANAGER = (Attribute("value", exact=True), _reference(True), Attribute("displayName", read_only=True))
ENTERPRISE = (
    *_texts("employeeNumber", "costCenter", "organization", "division", "department"),
    Attribute("manager", "complex", subs=_MANAGER),
)
_MEMBERS = (Attribute("value", exact=True), _reference(False), Attribute("type"))
GROUP = (
    Attribute("displayName", required=True),
    Attribute("members", "complex", many=True, subs=_MEMBERS),
)
EXTENSION = Attribute(ENTERPRISE_URN, "complex", subs=ENTERPRISE)


class Kind(NamedTuple):
    """A resource type of RFC 7643 section 6."""

    name: str
    endpoint: str
    urn: str
    attributes: tuple[Attribute, ...]


USERS = Kind("User", "/Users", USER_URN, (*COMMON, *USER, EXTENSION))
GROUPS = Kind("Group", "/Groups", GROUP_URN, (*COMMON, *GROUP))


def find(kind: Kind, text: str) -> Place | None:
    """The place of a name: with or without its URN, in any letter case; extension attributes also without it
    (entra.md 6: a bare `manager`)."""
    text = text.strip()
    extension = ENTERPRISE if kind is USERS else ()
    if (own := _after(text, kind.urn)) is not None:
        return _below(kind.attributes, None, own)
    if (extended := _after(text, ENTERPRISE_URN)) is not None:
        return _below(extension, ENTERPRISE_URN, extended)
    if extension and text.lower() == ENTERPRISE_URN.lower():
        return Place(None, EXTENSION)
    return _below(kind.attributes, None, text) or _below(extension, ENTERPRISE_URN, text)


def is_foreign(kind: Kind, text: str) -> bool:
    """True for a name under a URN of nobody here."""
    ours = (USER_URN, GROUP_URN, ENTERPRISE_URN)
    return text.lower().startswith("urn:") and all(_after(f"{text}:", urn) is None for urn in ours)


def element_place(attribute: Attribute, text: str) -> Place | None:
    """The place of a name inside `attribute[...]`."""
    sub = attribute.sub(text.strip())
    return Place(None, sub) if sub else None


def _below(known: tuple[Attribute, ...], container: str | None, text: str) -> Place | None:
    name, dot, rest = text.partition(".")
    attribute = _named(known, name)
    if attribute is None or not dot:
        return Place(container, attribute) if attribute else None
    sub = attribute.sub(rest)
    return Place(container, attribute, sub) if sub else None


def _after(text: str, urn: str) -> str | None:
    return text[len(urn) + 1 :] if text.lower().startswith(f"{urn.lower()}:") else None


def _named(attributes: tuple[Attribute, ...], name: str) -> Attribute | None:
    return next((attribute for attribute in attributes if attribute.name.lower() == name.lower()), None)
