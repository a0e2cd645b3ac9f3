"""[[tenants.NAME.rules]] and [tenants.NAME.attributes] of the policy: filters and paths over the stored user."""

from collections.abc import Mapping

from scim_bridge.provisioning.policy import Attributes, Rule
from scim_bridge.provisioning.policy_places import Place
from scim_bridge.provisioning.policy_reader import Reader
from scim_bridge.provisioning.rules import asked_of
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.filter import Filter
from scim_bridge.scim.filter_parser import parse
from scim_bridge.scim.filter_text import name_of
from scim_bridge.scim.path import Path, parse_path
from scim_bridge.scim.resources import USER_TYPE, AttributePath
from scim_bridge.scim.validation import is_kept

_STORES = ("standard", "minimal")
_ATTRIBUTES: Mapping[str, type] = {"store": str, "name": object, "email": object, "phone": object}


def read_rules(reader: Reader, place: Place, part: list[object]) -> tuple[Rule, ...]:
    """The rules that can be used."""
    names: set[str] = set()
    rules = [_rule(reader, (*place, number), one, names) for number, one in enumerate(part, 1)]
    return tuple(rule for rule in rules if rule)


def read_attributes(reader: Reader, place: Place, part: object) -> Attributes:
    """Where name, email and phone come from, and what is kept."""
    values = reader.table(place, part, _ATTRIBUTES)
    store = values.pop("store", "standard")
    if store not in _STORES:
        reader.fault((*place, "store"), 'must be "standard" or "minimal".')
    return Attributes(store, **{key: _paths(reader, (*place, key), value) for key, value in values.items()})


def _rule(reader: Reader, place: Place, part: object, names: set[str]) -> Rule | None:
    """`names` are those of the rules before, and of this one after."""
    values = reader.required(place, part, ("name", "when", "group"))
    name = values.get("name")
    if name in names:
        reader.fault((*place, "name"), "another rule has this name; give each its own.")
    when = _filter(reader, (*place, "when"), values["when"]) if "when" in values else None
    groupname = reader.groupname((*place, "group"), values["group"]) if "group" in values else None
    names |= {name} if name else set()
    return Rule(name, when, values["when"], groupname) if name and when and groupname else None


def _filter(reader: Reader, place: Place, text: str) -> Filter | None:
    try:
        read = parse(text, USER_TYPE)
    except ScimError as error:
        reader.fault(place, f"{error.detail}.")
        return None
    foreign = {name_of(path): None for path in asked_of(read) if not _is_stored(path)}
    for name in foreign:
        reader.fault(place, f"{name} is not kept with a person, so no rule can ask for it.")
    return None if foreign else read


def _paths(reader: Reader, place: Place, value: object) -> tuple[Path, ...]:
    """One path as text, or several in order of preference."""
    if isinstance(value, str):
        found = [_path(reader, place, value)]
    elif isinstance(value, list) and value:
        found = [_path(reader, (*place, number), one) for number, one in enumerate(value, 1)]
    else:
        reader.fault(place, "must be a path as text, or a list of paths in order of preference.")
        return ()
    return tuple(path for path in found if path)


def _path(reader: Reader, place: Place, text: object) -> Path | None:
    if not isinstance(text, str):
        reader.fault(place, "must be a path as text.")
        return None
    try:
        path = parse_path(text, USER_TYPE)
    except ScimError as error:
        reader.fault(place, f"{error.detail}.")
        return None
    whole = AttributePath(path.attribute, path.schema_urn, path.sub)
    if not _is_stored(whole):
        reader.fault(place, f"{name_of(whole)} is not kept with a person, so nothing can be taken from it.")
    elif whole.leaf.type not in ("string", "reference"):
        reader.fault(place, f"{name_of(whole)} is no text; name one, such as displayName or emails.value.")
    else:
        return path
    return None


def _is_stored(path: AttributePath) -> bool:
    """Whether the stored user can have it: not what this server adds when it answers (groups, id, meta)."""
    return is_kept(path.attribute) and is_kept(path.leaf)
