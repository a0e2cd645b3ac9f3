"""The resource types (RFC 7643 section 6) and how a name in a request finds its attribute.

Names match in any letter case, bare or qualified by a schema URN (RFC 7644 section 3.10).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from scim_bridge.scim.schema import COMMON, ENTERPRISE_USER, GROUP, USER, Attribute, Schema


@dataclass(frozen=True)
class AttributePath:
    """Where an attribute stands in a document: the RFC's attrPath, resolved.

    `schema_urn` is the extension it lives in, None for a core attribute; `sub` a sub-attribute or None.
    """

    attribute: Attribute
    schema_urn: str | None = None
    sub: Attribute | None = None

    @property
    def leaf(self) -> Attribute:
        """The attribute whose value is meant."""
        return self.sub or self.attribute

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that lead from the document to the value, e.g. ("emails", "value")."""
        names = (self.schema_urn, self.attribute.name, self.sub.name if self.sub else None)
        return tuple(name for name in names if name)


@dataclass(frozen=True, eq=False)
class ResourceType:
    """A kind of resource: its name, its endpoint (with the slash), its schema and its extensions."""

    name: str
    endpoint: str
    schema: Schema
    extensions: tuple[Schema, ...] = ()

    @property
    def schemas(self) -> Iterator[Schema]:
        """The core schema, then the extensions."""
        yield self.schema
        yield from self.extensions

    @cached_property
    def _tops(self) -> dict[str, Attribute]:
        tops = (*COMMON, *self.schema.attributes, *(schema.container for schema in self.extensions))
        return {attribute.name.lower(): attribute for attribute in tops}

    @cached_property
    def _longest_first(self) -> tuple[tuple[str, Schema], ...]:
        """Longest URN first, so that a URN which begins another one never wins (quirk 32)."""
        pairs = ((schema.urn.lower(), schema) for schema in self.schemas)
        return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))

    def top(self, key: str) -> Attribute | None:
        """The attribute behind a key of a document: a core or common one, or a whole extension."""
        return self._tops.get(key.lower())

    def has(self, path: AttributePath) -> bool:
        """Whether the path is one of this type."""
        if path.schema_urn is not None:
            return any(schema.urn == path.schema_urn for schema in self.extensions)
        return self.top(path.attribute.name) is path.attribute

    def find(self, text: str) -> AttributePath | None:
        """`name.givenName`, `urn:...:User:name.givenName`, `manager` or a whole extension URN; else None."""
        lowered = text.lower()
        for urn, schema in self._longest_first:
            if lowered == urn:
                return self._whole(schema)
            if lowered.startswith(urn + ":"):
                return self._qualified(text[len(urn) + 1 :], schema)
        return self._bare(text)

    def is_foreign(self, text: str) -> bool:
        """Whether a name is qualified by the URN of a schema that this type does not have."""
        lowered = text.partition("[")[0].strip().lower() + ":"
        is_name = ":" in lowered[:-1] and not set(lowered) & set(' "')
        return is_name and not any(lowered.startswith(urn + ":") for urn, _ in self._longest_first)

    def _whole(self, schema: Schema) -> AttributePath | None:
        return AttributePath(schema.container) if schema in self.extensions else None

    def _qualified(self, text: str, schema: Schema) -> AttributePath | None:
        if schema in self.extensions:
            return _resolved(text, schema.attribute, schema.urn)
        return _resolved(text, self.top, None)

    def _bare(self, text: str) -> AttributePath | None:
        """A core attribute, or else an extension's: Entra sends a bare `manager` (entra.md section 6)."""
        paths = (_resolved(text, schema.attribute, schema.urn) for schema in self.extensions)
        return _resolved(text, self.top, None) or next(filter(None, paths), None)


def _resolved(text: str, lookup: Callable[[str], Attribute | None], urn: str | None) -> AttributePath | None:
    name, dot, sub_name = text.partition(".")
    attribute = lookup(name)
    if attribute is None or not dot:
        return AttributePath(attribute, urn) if attribute else None
    sub = attribute.sub(sub_name)
    return AttributePath(attribute, urn, sub) if sub else None


@dataclass(frozen=True)
class Elements:
    """Where the names between the brackets of `attribute[...]` are found: among the sub-attributes."""

    attribute: Attribute

    def find(self, text: str) -> AttributePath | None:
        """The sub-attribute of that name, or None."""
        sub = self.attribute.sub(text)
        return AttributePath(sub) if sub else None


@dataclass(frozen=True)
class Among:
    """One resource type in a search through several: a name that only another one has is understood, and has no value
    here (RFC 7644 section 3.4.2.1)."""

    own: ResourceType
    others: tuple[ResourceType, ...]

    def find(self, text: str) -> AttributePath | None:
        """The attribute of this type, else of another one, else None."""
        foreign = (other.find(text) for other in self.others)
        return self.own.find(text) or next(filter(None, foreign), None)


Names = ResourceType | Elements | Among

USER_TYPE = ResourceType("User", "/Users", USER, (ENTERPRISE_USER,))
GROUP_TYPE = ResourceType("Group", "/Groups", GROUP)
AMONG_USERS = Among(USER_TYPE, (GROUP_TYPE,))
AMONG_GROUPS = Among(GROUP_TYPE, (USER_TYPE,))
