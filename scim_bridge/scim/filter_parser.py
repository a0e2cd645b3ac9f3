"""Filter text to filters (RFC 7644 section 3.4.2.2), typed by the attributes they name.

The only home of scim2_filter_parser, whose grammar is used and whose lexer is not: `filter_tokens` makes
the tokens and gives `and` its rank. Names, types and value paths are resolved here from its tree.
A filter that is not understood is an error and never "everything" (quirk 27).
"""

from collections.abc import Iterator
from functools import lru_cache

from scim2_filter_parser import ast
from scim2_filter_parser.parser import SCIMParser, SCIMParserError

from scim_bridge.scim.comparison import Value, fits, literal
from scim_bridge.scim.errors import invalid_filter, quoted
from scim_bridge.scim.filter import And, Compare, Filter, Not, Or, Present, Question, Slot, Template, ValuePath, filled
from scim_bridge.scim.filter_tokens import NULL, Shape, fenced, lexed
from scim_bridge.scim.resources import AttributePath, Elements, Names, ResourceType
from scim_bridge.scim.schema import Attribute


def question(text: str, names: Names) -> Question:
    """The filter of a query. Raises 400 invalidFilter; the limits stand in `filter_tokens`."""
    shape, literals = lexed(text)
    template = _template(shape, names)
    return Question(template, tuple(map(_literal, literals, template.leaves)))


def parse(text: str, resource_type: ResourceType) -> Filter:
    """The filter as one value. Raises 400 invalidFilter."""
    return _answered(question(text, resource_type))


def parse_element(text: str, attribute: Attribute) -> Filter:
    """The filter between the brackets of `attribute[...]`. Raises 400 invalidFilter."""
    return _answered(question(text, Elements(attribute)))


def _answered(asked: Question) -> Filter:
    return filled(asked.template.shape, asked.values)


@lru_cache(maxsize=256)
def _template(shape: Shape, names: Names) -> Template:
    """What a filter of this shape asks. Raises 400 invalidFilter."""
    try:
        tree = SCIMParser().parse(fenced(shape))
    except SCIMParserError:
        raise invalid_filter("The filter is malformed") from None
    built = _filter(tree, names)
    leaves = dict(_slots(built))
    count = sum(kind == "COMP_VALUE" for kind, _ in shape)
    return Template(built, tuple(leaves.get(index) for index in range(count)))


def _slots(node: Filter) -> Iterator[tuple[int, Attribute]]:
    match node:
        case And(terms) | Or(terms):
            for term in terms:
                yield from _slots(term)
        case Not(inner) | ValuePath(_, inner):
            yield from _slots(inner)
        case Compare(path, _, Slot(index)):
            yield index, path.leaf


def _filter(node: ast.Filter, names: Names) -> Filter:
    if node.namespace is not None:
        built: Filter = _value_path(node, names)
    elif isinstance(node.expr, ast.Filter):
        built = _filter(node.expr, names)
    elif isinstance(node.expr, ast.LogExpr):
        built = _joined(node.expr, names)
    else:
        built = _clause(node.expr, names)
    return Not(built) if node.negated else built


def _joined(node: ast.LogExpr, names: Names) -> Filter:
    kind = And if node.op.lower() == "and" else Or
    sides = (_filter(node.expr1, names), _filter(node.expr2, names))
    return kind(tuple(term for side in sides for term in _terms(side, kind)))


def _terms(side: Filter, kind: type[And] | type[Or]) -> tuple[Filter, ...]:
    return side.terms if isinstance(side, kind) else (side,)


def _clause(node: ast.AttrExpr, names: Names) -> Filter:
    target = node.attr_path.attr_name
    if isinstance(target, ast.Filter):
        return _value_path(target, names, node)
    return _comparison(node, _resolved(target, names))


def _value_path(node: ast.Filter, names: Names, clause: ast.AttrExpr | None = None) -> ValuePath:
    """`path[...]`, and `path[...].sub operator value`: one more condition on the same element."""
    path = _bracketed(node.namespace, names)
    element = Elements(path.attribute)
    condition = _filter(node.expr, element)
    if clause is not None:
        sub = node.namespace.sub_attr  # without one, the value is meant (entra.md section 3)
        last = _comparison(clause, _resolved(sub.value if sub else "value", element))
        condition = And((*_terms(condition, And), last))
    return ValuePath(path, condition)


def _bracketed(node: ast.AttrPath, names: Names) -> AttributePath:
    path = _resolved(node.attr_name, names) if isinstance(node.attr_name, str) else None
    if path is None or path.leaf.type != "complex" or not path.leaf.multi_valued:
        raise invalid_filter("Brackets [ ] must follow an attribute that has elements with sub-attributes")
    return path


def _resolved(name: str, names: Names) -> AttributePath:
    # An admin may have told Okta to match by `email` (okta.md section 1).
    path = names.find("emails.value" if name.lower() == "email" else name)
    if path is None or path.leaf.returned == "never":
        raise invalid_filter(f"{quoted(name)} is not an attribute to filter by")
    return path


def _comparison(node: ast.AttrExpr, path: AttributePath) -> Filter:
    operator = node.value.lower()
    if operator == "pr":
        return Present(path)
    path = _simple(path)
    is_null = node.comp_value.value == NULL
    if not fits(operator, path.leaf) or (is_null and operator not in ("eq", "ne")):
        raise invalid_filter(f"{operator} has no meaning for this value of {path.leaf.name}")
    if is_null:
        return Present(path) if operator == "ne" else Not(Present(path))
    return Compare(path, operator, Slot(int(node.comp_value.value)))


def _simple(path: AttributePath) -> AttributePath:
    """A complex attribute without a sub-attribute means its `value`: `members eq "id"` (quirk 33)."""
    if path.leaf.type != "complex":
        return path
    value = path.leaf.sub("value")
    if value is None or path.sub is not None:
        raise invalid_filter(f"{path.leaf.name} can only be compared by one of its sub-attributes")
    return AttributePath(path.attribute, path.schema_urn, value)


def _literal(text: str, attribute: Attribute | None) -> Value | None:
    """The value of a slot; None for null, which has none."""
    if attribute is None:
        return None
    try:
        return literal(text, attribute)
    except ValueError:
        raise invalid_filter(f"{attribute.name} cannot be compared with {quoted(text)}") from None
