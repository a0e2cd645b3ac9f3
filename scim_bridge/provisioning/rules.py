"""Rules and attributes of the policy, decided on one stored user: which rules take the person in, why or why not, and
what must be kept for them to be decided at all. Pure (design, sections 4 and 5)."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from scim_bridge.provisioning.mapping import source_paths, values_at
from scim_bridge.provisioning.policy import Rule, TenantPolicy
from scim_bridge.scim.filter import And, Compare, Filter, Not, Or, Present, ValuePath, matches
from scim_bridge.scim.filter_text import filter_text
from scim_bridge.scim.path import Path
from scim_bridge.scim.resources import USER_TYPE, AttributePath
from scim_bridge.scim.schema import Attribute
from scim_bridge.scim.validation import schemas_of

# The keys that lead to a value: ("emails", "value"). Shorter ones mean all that is below.
Keys = tuple[str, ...]
_Leaf = Compare | Present | ValuePath

# By these IdPs find people, and leavers are known; `schemas` follows from the rest.
_ALWAYS: frozenset[Keys] = frozenset((("schemas",), ("userName",), ("externalId",), ("active",)))
# They tell one element from another, so that a later PATCH finds the one that it means (quirk 44).
_TELLING = ("type", "primary", "value")
# What a person has instead may be a hundred roles: enough to recognise it.
_SHOWN_VALUES, _SHOWN_LENGTH = 3, 80


def matching(rules: Iterable[Rule], document: dict[str, Any]) -> tuple[Rule, ...]:
    """The rules that take this person in."""
    return tuple(rule for rule in rules if matches(rule.when, document))


def explained(rule: Rule, document: dict[str, Any]) -> list[tuple[str, bool]]:
    """The rule's clauses in order, each with whether it holds; one that does not says what the person has."""
    return [_clause(leaf, wanted, document) for leaf, wanted in _leaves(rule.when)]


def needed_attributes(policy: TenantPolicy) -> frozenset[Keys]:
    """Where mapping and rules look: all that `store = "minimal"` keeps of a person."""
    paths = source_paths(policy.attributes)
    mapped = {keys for path in paths for keys in _keys(_plain(path), _asked_within(path))}
    asked = {keys for rule in policy.rules for path in asked_of(rule.when) for keys in _keys(path, ())}
    return _ALWAYS | mapped | asked


def reduced(document: dict[str, Any], policy: TenantPolicy) -> dict[str, Any]:
    """The document as the tenant keeps it: whole, or with `store = "minimal"` only what is needed."""
    if policy.attributes.store != "minimal":
        return document
    kept = _only(document, needed_attributes(policy))
    return {**kept, "schemas": schemas_of(kept, USER_TYPE)}


def asked_of(node: Filter) -> Iterator[AttributePath]:
    """The attributes that a filter asks for; of value paths the sub-attributes between the brackets, and all of the
    elements where one that has none of them would do (`ne`, `not`)."""
    match node:
        case And(terms) | Or(terms):
            for term in terms:
                yield from asked_of(term)
        case Not(term):
            yield from asked_of(term)
        case ValuePath(path, inner):
            yield from (AttributePath(path.attribute, path.schema_urn, sub) for sub in _subs(inner))
            yield from [path] if matches(inner, {}) else []
        case Compare(path, "ne") if path.attribute.multi_valued:
            yield from (path, AttributePath(path.attribute, path.schema_urn))
        case Present(path) | Compare(path):
            yield path


def _subs(inner: Filter) -> Iterator[Attribute]:
    return (path.attribute for path in asked_of(inner))


def _plain(path: Path) -> AttributePath:
    return AttributePath(path.attribute, path.schema_urn, path.sub)


def _asked_within(path: Path) -> Iterable[Attribute]:
    return _subs(path.filter) if path.filter else ()


def _keys(path: AttributePath, others: Iterable[Attribute]) -> Iterator[Keys]:
    """Of one path, and for elements of what tells them apart."""
    yield path.keys
    if path.attribute.multi_valued and path.sub is not None:
        telling = (path.attribute.sub(name) for name in _TELLING)
        above = path.keys[:-1]
        yield from ((*above, sub.name) for sub in (*telling, *others) if sub is not None)


def _only(holder: dict[str, Any], needed: frozenset[Keys]) -> dict[str, Any]:
    kept = {}
    for key, value in holder.items():
        below = frozenset(keys[1:] for keys in needed if keys[0] == key)
        rest = value if () in below else _below(value, below)
        if rest not in (None, {}, []):
            kept[key] = rest
    return kept


def _below(value: Any, needed: frozenset[Keys]) -> Any:
    if isinstance(value, list):
        return [kept for element in value if (kept := _below(element, needed))]
    return _only(value, needed) if isinstance(value, dict) and needed else None


def _leaves(node: Filter, wanted: bool = True) -> Iterator[tuple[_Leaf, bool]]:
    """Each clause, and whether the filter wants it to be so: below a `not` it wants the opposite."""
    match node:
        case And(terms) | Or(terms):
            for term in terms:
                yield from _leaves(term, wanted)
        case Not(term):
            yield from _leaves(term, not wanted)
        case Compare() | Present() | ValuePath():
            yield node, wanted


def _clause(leaf: _Leaf, wanted: bool, document: dict[str, Any]) -> tuple[str, bool]:
    holds = matches(leaf, document) is wanted
    text = filter_text(leaf if wanted else Not(leaf))
    return (text if holds else f"{text}: has {_has(leaf.path, document)}"), holds


def _has(path: AttributePath, document: dict[str, Any]) -> str:
    values = values_at(document, Path(path.attribute, path.schema_urn, path.sub))
    shown = [_short(json.dumps(value, ensure_ascii=False)) for value in values[:_SHOWN_VALUES]]
    return ", ".join([*shown, *(["..."] if len(values) > _SHOWN_VALUES else [])]) or "none"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "..."
