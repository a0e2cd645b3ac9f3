"""What a filter and an order mean, told by the documents as they are shown and with no SQL."""

from collections.abc import Mapping
from typing import Any

from scim_bridge.directory.order import LONGEST_VALUE
from scim_bridge.scim.comparison import comparable
from scim_bridge.scim.filter import And, Compare, Filter, Not, Or, Present, ValuePath, matches
from scim_bridge.scim.filter_parser import parse
from scim_bridge.scim.resources import Among, AttributePath, Names, ResourceType
from scim_bridge.scim.schema import MEMBERS, Attribute

Documents = Mapping[str, dict[str, Any]]
# Where a document of `populations` names the members that are not shown.
_PENDING = Attribute(name="pending", type="complex", multi_valued=True, sub_attributes=MEMBERS.sub_attributes)


def found_by(text: str, names: Names, documents: Documents) -> set[str]:
    """The ids of the documents, all of one type, that the filter finds."""
    own = names.own if isinstance(names, Among) else names
    assert isinstance(own, ResourceType)
    asked = _as_answered(parse(text, names), own)  # type: ignore[arg-type]
    return {key for key, document in documents.items() if matches(asked, document)}


def _as_answered(node: Filter, own: ResourceType) -> Filter:
    """The filter with the habits of ours that its letters do not say."""
    match node:
        case And(terms) | Or(terms):
            return type(node)(tuple(_as_answered(term, own) for term in terms))
        case Not(term):
            return Not(_as_answered(term, own))
        case Present(path) | Compare(path) | ValuePath(path) if not own.has(path):
            # An attribute of another type has no value here, even if it is called like one (RFC 7644 section 3.4.2.1).
            return And(()) if isinstance(node, Compare) and node.operator == "ne" else Or(())
        case Compare(path, "eq", str(value)) if path.keys == ("userName",):
            # A blank also stands for a plus (quirk 35).
            return Or((node, Compare(path, "eq", value.replace(" ", "+"))))
        case Compare(path, "eq", value) if path.keys == ("members", "value"):
            return _as_answered(ValuePath(AttributePath(MEMBERS), Compare(AttributePath(path.leaf), "eq", value)), own)
        case ValuePath(path, Compare(AttributePath(sub), "eq") as inner) if (*path.keys, sub.name) == (
            "members",
            "value",
        ):
            # A member that is nobody yet is found by its id (entra.md section 4).
            return Or((node, ValuePath(AttributePath(_PENDING), inner)))
        case Compare(AttributePath(attribute, urn, sub) as path, "ne", value) if sub and attribute.multi_valued:
            # Any element decides (checklist 113), and one without a value is another one (118).
            elements = AttributePath(attribute, urn)
            return Or((ValuePath(elements, Compare(AttributePath(sub), "ne", value)), Not(Present(elements))))
        case _:
            return node


def in_order(path: AttributePath, descending: bool, documents: Documents) -> list[str]:
    """The ids in the order of the value at the path, then of the ids; those without a value last, or first."""
    values = {key: _sort_value(path, document) for key, document in documents.items()}
    there = sorted((key for key in values if values[key] is not None), key=lambda key: (values[key], key))
    ascending = [*there, *sorted(key for key in values if values[key] is None)]
    return ascending[::-1] if descending else ascending


def _sort_value(path: AttributePath, document: Any) -> Any:
    """In comparable form; of the primary element, or else of the first one (RFC 7644 section 3.4.2.3)."""
    if path.leaf.type == "complex":
        path = AttributePath(path.attribute, path.schema_urn, path.leaf.sub("value"))
    for key in path.keys:
        if isinstance(document, list):
            document = next((one for one in document if one.get("primary")), document[0])
        document = document.get(key) if document else None
    return None if document is None else comparable(path.leaf, document)


def every_path(resource_type: ResourceType) -> list[AttributePath]:
    """Every attribute and sub-attribute that can be asked for; not the version, which cannot."""
    whole = [AttributePath(one) for one in resource_type._tops.values() if one.returned != "never"]
    urns = [schema.urn for schema in resource_type.extensions]
    inside = [AttributePath(one, schema.urn) for schema in resource_type.extensions for one in schema.attributes]
    tops = [*(path for path in whole if path.attribute.name not in urns), *inside]
    subs = [AttributePath(top.attribute, top.schema_urn, sub) for top in tops for sub in top.attribute.sub_attributes]
    return [path for path in (*tops, *subs) if path.keys != ("meta", "version")]


def sortable(resource_type: ResourceType) -> list[AttributePath]:
    """Every path that has an order: not the lists that other rows hold, no complex attribute without a `value`, and
    nothing that is too long for a cursor."""
    paths = [path for path in every_path(resource_type) if path.keys[0] not in ("groups", "members", "schemas")]
    ends = [(path, path.leaf.sub("value") if path.leaf.type == "complex" else path.leaf) for path in paths]
    return [path for path, end in ends if end is not None and end.max_length <= LONGEST_VALUE]
