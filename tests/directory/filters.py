"""Filters at random: every operator on every kind of attribute, joined and negated, with values that are there."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.app import ENTERPRISE_URN, GROUP_URN, USER_URN
from tests.directory.populations import ADDRESSES, BASE, EXACT, TEXTS, TYPES

Text = st.SearchStrategy[str]

_ORDER = ("gt", "ge", "lt", "le")
_SUBSTRING = ("co", "sw", "ew")
_IDS = ("<u0>", "<u1>", "<g0>", "<g1>", "<p0>", "nobody")
_REFERENCES = (f"{BASE}/Users/<u0>", f"{BASE}/Groups/<g0>", "https://elsewhere.test/Users/<u0>")
_MOMENTS = (
    "2026-03-02T09:00:00.002Z",
    "2026-03-02T10:00:00.003+01:00",
    "2026-03-02t09:00:00.0040001z",
    "2026-03-02T09:00:00",
)
_PARTS = ("", "s", "S", "ss", "\u0307", "\u212a", "i", "+", " ", "%", "_", "\\", '"', ".test", "1", "/")

# Names, the values to compare with, and whether they have an order.
_USER_TEXTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("userName", tuple(f"{text}{sign}{n}" for n, text in enumerate(TEXTS[:3]) for sign in "+ ")),
    (f"{USER_URN}:USERNAME", ("strasse 0", "STRASSE+1")),
    ("externalId", EXACT[:2]),
    ("displayName", TEXTS),
    ("title", TEXTS),
    ("name.familyName", TEXTS),
    ("profileUrl", EXACT[2:]),
    ("emails", ADDRESSES),
    ("Emails.Value", ADDRESSES),
    ("emails.type", TYPES),
    ("roles", TEXTS),
    ("roles.display", TEXTS),
    ("addresses.locality", TEXTS),
    ("photos.value", EXACT[2:]),
    (f"{ENTERPRISE_URN}:department", TEXTS),
    ("department", TEXTS),
    ("manager", (*_IDS, "boss", "Boss")),
    ("groups", _IDS),
    ("groups.display", tuple(f"{text} {n}" for n, text in enumerate(TEXTS[:3]))),
    ("groups.type", ("direct", "Direct", "indirect")),
    ("groups.$ref", _REFERENCES),
)
_GROUP_TEXTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("displayName", tuple(f"{text} {n}" for n, text in enumerate(TEXTS[:3]))),
    (f"{GROUP_URN}:displayName", ("strasse 0", "STRASSE 1")),
    ("externalId", EXACT[:2]),
    ("members", _IDS),
    ("members.value", _IDS),
    ("members.type", ("User", "group")),
    ("members.$ref", _REFERENCES),
)
_COMMON_TEXTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("id", _IDS),
    ("schemas", (USER_URN, GROUP_URN.upper(), ENTERPRISE_URN)),
    ("meta.resourceType", ("User", "user", "Group")),
    ("meta.location", _REFERENCES),
)
_NAMES = {
    "User": (
        "title", "active", "name", "name.givenName", "emails", "emails.type", "emails.primary", "roles", "addresses",
        "groups", "groups.display", "manager", ENTERPRISE_URN, "userName", "meta.created", "schemas", "id", "meta",
    ),
    "Group": ("displayName", "externalId", "members", "members.type", "meta.lastModified", "schemas", "id", "meta"),
}  # fmt: skip
_ELEMENTS: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "User": {
        "emails": {"value": ADDRESSES, "type": TYPES},
        "roles": {"value": TEXTS, "display": TEXTS, "type": TYPES},
        "addresses": {"locality": TEXTS, "type": TYPES},
        "groups": {"value": _IDS, "display": TEXTS, "type": ("direct",)},
    },
    "Group": {"members": {"value": _IDS, "type": ("User", "Group")}},
}
_WITHOUT_PRIMARY = ("groups", "members")


def filters(kind: str) -> Text:
    """Texts of the whole grammar, for `User` or `Group`."""
    own = _USER_TEXTS if kind == "User" else _GROUP_TEXTS
    clauses = st.one_of(*(_compared(name, values) for name, values in own), *_common(kind), _value_paths(kind))
    return st.recursive(clauses, _joined, max_leaves=4)


def _common(kind: str) -> list[Text]:
    flags = ("active", "emails.primary", "roles.primary") if kind == "User" else ()
    moments = st.sampled_from(("meta.created", "meta.lastModified"))
    names = st.sampled_from(_NAMES[kind])
    return [
        *(_compared(name, values) for name, values in _COMMON_TEXTS),
        *(st.builds(f"{flag} {{}} {{}}".format, _one("eq", "ne"), _one("true", "FALSE", '"True"')) for flag in flags),
        st.builds("{} {} {}".format, moments, _one("eq", "ne", *_ORDER), _one(*_MOMENTS).map(json.dumps)),
        st.builds("{} pr".format, names),
        st.builds(
            "{} {} null".format, _one("title", "externalId") if kind == "User" else _one("externalId"), _one("eq", "ne")
        ),
    ]


def _compared(name: str, values: tuple[str, ...]) -> Text:
    whole = st.builds("{} {} {}".format, st.just(name), _one("eq", "ne", "EQ"), _quoted(*values))
    parts = st.builds("{} {} {}".format, st.just(name), _one(*_SUBSTRING, *_ORDER), _quoted(*values, *_PARTS))
    return whole | parts


def _value_paths(kind: str) -> Text:
    return st.one_of(*(_value_path(name, subs) for name, subs in _ELEMENTS[kind].items()))


def _value_path(name: str, subs: dict[str, tuple[str, ...]]) -> Text:
    clauses: list[Text] = [_compared(sub, values) for sub, values in subs.items()]
    clauses.append(st.builds("{} pr".format, _one(*subs)))
    if name not in _WITHOUT_PRIMARY:
        clauses.append(st.builds("primary {} {}".format, _one("eq", "ne"), _one("true", "false")))
    inner = st.recursive(st.one_of(*clauses), _joined, max_leaves=3)
    # One more condition on the same element: behind the bracket (entra.md section 3).
    behind = st.one_of(st.just(""), st.just(""), st.one_of(*clauses[: len(subs)]).map(lambda clause: f".{clause}"))
    return st.builds("{}[{}]{}".format, st.just(name), inner, behind)


def _joined(inner: Text) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds("{} and {}".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    )


def _one(*values: str) -> Text:
    return st.sampled_from(values)


def _quoted(*values: str) -> Text:
    return _one(*values).map(lambda value: json.dumps(value, ensure_ascii=False))
