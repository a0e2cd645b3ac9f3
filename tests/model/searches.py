"""Filters, orders, pages and projections."""

import json

from hypothesis import strategies as st

from tests.model.attributes import ENTERPRISE_URN, GROUP_URN, USER_URN
from tests.model.pools import (
    EMAILS,
    EXTERNAL_IDS,
    GROUP_IDS,
    GROUP_NAMES,
    STRANGE_IDS,
    TEXTS,
    TYPES,
    USER_IDS,
    USER_NAMES,
    Strategy,
    any_of,
    mostly,
)
from tests.model.queries import Query
from tests.model.showing import Projection

_IDS = (*USER_IDS, *GROUP_IDS, *STRANGE_IDS)
_MOMENTS = ("2026-03-02T09:00:04Z", "2026-03-02T10:00:04.000+01:00", "2026-03-02T09:00:06.0000001Z")
_PARTS = ("", "a", "AN", "stra", "SS", "%", "_", "t", "\\", '"', "x.test", "\u00e5")
_TEXT_OPERATORS = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "Eq", "CO")
_ATTRIBUTES: dict[str, dict[tuple[str, ...], tuple[str, ...]]] = {
    "User": {
        ("userName", "USERNAME", f"{USER_URN}:userName"): USER_NAMES,
        ("externalId",): EXTERNAL_IDS,
        ("displayName", "title", "name.familyName", "nickName", f"{ENTERPRISE_URN}:department", "roles.display"): TEXTS,
        ("emails", "emails.value", "Emails.Value"): EMAILS,
        ("emails.type", "phoneNumbers.type", "roles.type"): TYPES,
        ("manager", f"{ENTERPRISE_URN}:manager.value"): ("<u0>", "boss"),
        ("groups", "groups.value"): GROUP_IDS,
        ("groups.display",): GROUP_NAMES,
    },
    "Group": {
        ("displayName", "DISPLAYNAME", f"{GROUP_URN}:displayName"): GROUP_NAMES,
        ("externalId",): EXTERNAL_IDS,
        ("members", "members.value"): (*USER_IDS, *GROUP_IDS, *STRANGE_IDS),
        ("members.type",): ("User", "group"),
    },
}
_FLAGS = {"User": ("active", "emails.primary", "roles.primary"), "Group": ()}
_PRESENT = {
    "User": (
        *("title", "emails.primary", "emails.type", "roles.primary", "phoneNumbers.type"),
        *("name", "emails", "addresses", "groups", "manager", ENTERPRISE_URN, "externalId"),
    ),
    "Group": ("members", "externalId", "displayName"),
}
_INNER = {
    "User": ("emails", ("type", TYPES), ("value", EMAILS)),
    "Group": ("members", ("type", ("User", "Group")), ("value", USER_IDS)),
}
_WRONG = (
    "",
    'bogus eq "1"',
    'userName regex "x"',
    "displayName eq",
    'displayName eq "x',
    '(displayName eq "x"',
    'not displayName eq "x"',
    'displayName eq "x" or',
    "displayName pr pr",
    "active gt true",
    'meta.created co "2026"',
    'meta.lastModified gt "yesterday"',
    'password eq "x"',
    "emails[]",
    "displayName gt null",
)


def filters(kind: str) -> Strategy:
    """Texts of the whole grammar."""
    terms = st.one_of(*(term for term in _terms(kind) for _ in range(2)), _value_paths(kind))
    return st.recursive(terms, _joined, max_leaves=4)


def look_ups(kind: str) -> Strategy:
    """What IdPs ask: `eq`, and `and`."""
    names = {
        "User": (("userName", USER_NAMES), ("emails.value", EMAILS)),
        "Group": (("displayName", GROUP_NAMES), ("members", USER_IDS)),
    }
    pairs = (*names[kind], ("externalId", EXTERNAL_IDS), ("id", _IDS))
    terms = [_compared((name,), ("eq",), values) for name, values in pairs]
    more = {
        "User": [
            any_of(("active eq true", 'active eq "False"')),
            _compared(("manager",), ("eq",), ("<u0>", "boss")),
            _typed(),
        ],
        "Group": [],
    }
    one = st.one_of(*terms, *more[kind])
    return st.one_of(one, st.builds("{} and {}".format, one, one))


def _typed() -> Strategy:
    return st.builds('emails[type eq "{}"].value eq "{}"'.format, any_of(("work", "HOME")), any_of(EMAILS))


def _terms(kind: str) -> list[Strategy]:
    compared = [_compared(names, _TEXT_OPERATORS, (*values, *_PARTS)) for names, values in _ATTRIBUTES[kind].items()]
    common = (
        _compared(("id", "ID"), ("eq", "ne"), _IDS),
        _compared(("schemas",), ("eq", "ne", "co"), (USER_URN, GROUP_URN, ENTERPRISE_URN, "enterprise")),
        _compared(("meta.resourceType",), ("eq", "ne"), ("User", "Group")),
        _compared(("meta.created", "meta.lastModified"), ("eq", "ne", "gt", "ge", "lt", "le"), _MOMENTS),
        st.builds("{} pr".format, any_of(_PRESENT[kind])),
        st.builds("{} {} null".format, any_of(_PRESENT[kind][:1]), any_of(("eq", "ne"))),
    )
    flags = [
        st.builds("{} {} {}".format, any_of(_FLAGS[kind]), any_of(("eq", "ne")), any_of(("true", "false", '"True"')))
    ]
    return [*compared, *common, *(flags if _FLAGS[kind] else [])]


def _compared(names: tuple[str, ...], operators: tuple[str, ...], values: tuple[str, ...]) -> Strategy:
    return st.builds("{} {} {}".format, any_of(names), any_of(operators), any_of(values).map(_quoted))


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _value_paths(kind: str) -> Strategy:
    name, *pairs = _INNER[kind]
    terms = st.one_of(*(_compared((sub,), ("eq", "ne", "co", "sw"), values) for sub, values in pairs))
    flag = any_of(
        ("primary eq true", "not (primary eq true)", "type pr", "not (type pr)") if kind == "User" else ("type pr",)
    )
    inner = st.one_of(terms, st.builds("{} {} {}".format, terms, any_of(("and", "or")), st.one_of(terms, flag)))
    after = any_of(("", "", ".value pr", ' eq "ann@x.test"'))
    return st.builds("{}[{}]{}".format, st.just(name), inner, after)


def _joined(inner: Strategy) -> Strategy:
    return st.one_of(
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("not ({})".format, inner),
        st.builds("({})".format, inner),
    )


_NAMES = {
    "User": (
        "userName",
        " EMAILS",
        "emails.type",
        'emails[type eq "work"]',
        "name.givenName",
        f"{USER_URN}:title",
        f"{ENTERPRISE_URN}:department",
        ENTERPRISE_URN,
        "manager",
        "groups",
        "groups.display",
        "meta",
        "meta.created",
        "id",
        "bogus",
        "password",
        "active",
    ),
    "Group": ("displayName", "MEMBERS", "members.value", "members.type", "meta", "externalId", "bogus", "schemas"),
}
_SORTS = {
    "User": (
        *("userName", "title", "active", "id", "meta.lastModified", "phoneNumbers.type"),
        *("emails", "emails.value", "emails.type", f"{ENTERPRISE_URN}:department"),
    ),
    "Group": ("displayName", "externalId", "meta.created", "id"),
}
_numbers = any_of((None, None, 0, 1, 2, 3, 50, -1))


def projections(kind: str) -> Strategy:
    """Mostly none."""
    names = st.lists(any_of(_NAMES[kind]), min_size=1, max_size=3).map(",".join)
    given = st.one_of(st.builds(Projection, names, st.none()), st.builds(Projection, st.none(), names))
    return st.one_of(st.just(Projection()), st.just(Projection()), given)


def queries(kind: str) -> Strategy:
    """Lists in every way."""
    wanted = st.one_of(st.none(), look_ups(kind), filters(kind), mostly(filters(kind), *_WRONG))
    order = st.one_of(st.none(), any_of(_SORTS[kind]))
    ways = any_of((None, "ascending", "descending", "Descending"))
    return st.builds(Query, wanted, _numbers, _numbers, order, ways, projections(kind))


def _of_both() -> Strategy:
    """Lists over both types: what one of them does not know has no value there."""
    wanted = st.one_of(st.none(), filters("User"), filters("Group"))
    order = any_of((None, "meta.created", "externalId", "displayName", "userName"))
    ways = any_of((None, "descending"))
    return st.builds(Query, wanted, _numbers, _numbers, order, ways, projections("User") | projections("Group"))


QUERIES = {"User": queries("User"), "Group": queries("Group"), "Both": _of_both()}
PROJECTIONS = {"User": projections("User"), "Group": projections("Group")}
