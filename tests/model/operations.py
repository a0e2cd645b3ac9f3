"""Operations of PATCH in the RFC's forms and in the dialects of Okta and Entra, and some that must be refused."""

from typing import Any

from hypothesis import strategies as st

from tests.model.attributes import ENTERPRISE_URN, GROUP_URN, USER_URN
from tests.model.bodies import (
    NOTHING,
    addresses,
    emails,
    extensions,
    flags,
    manager_values,
    members,
    names,
    phones,
    roles,
)
from tests.model.envelope import PATCH_URN
from tests.model.features import DECIDED
from tests.model.pools import (
    EMAILS,
    EXTERNAL_IDS,
    GROUP_NAMES,
    PHONES,
    USER_NAMES,
    Strategy,
    any_of,
    member_ids,
    mostly,
    texts,
)

_SETS = ("add", "replace", "Add", "Replace", "REPLACE")
_REMOVES = ("remove", "Remove")
_ONE_TEXT = (
    "title",
    "Title",
    "displayName",
    "name.familyName",
    "NAME.GIVENNAME",
    "nickName",
    "department",
    f"{USER_URN}:title",
    f"{ENTERPRISE_URN}:department",
    f"{ENTERPRISE_URN.upper()}:EmployeeNumber",
)
_FILTERS = (
    'type eq "work"',
    'Type EQ "HOME"',
    "primary eq true",
    'primary eq "True"',
    'value eq "ann@x.test"',
    'type eq "work" and value co "X.test"',
    'not (type eq "work") or primary eq true',
    "type pr",
)
_wrapped = texts.map(lambda text: [{"$ref": None, "value": text}])
_lists: dict[str, tuple[Strategy, Strategy]] = {
    "emails": (emails, any_of(EMAILS)),
    "phoneNumbers": (phones, any_of(PHONES)),
    "roles": (roles, any_of(("Ops", "ops"))),
}


def _addables(element: Strategy) -> Strategy:
    return st.lists(element, max_size=2)


def _without_nulls(element: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in element.items() if value is not None}


def _op(kinds: tuple[str, ...], path: Strategy, value: Strategy) -> Strategy:
    return st.fixed_dictionaries({"op": any_of(kinds), "path": path, "value": value})


def _gone(path: Strategy) -> Strategy:
    return st.fixed_dictionaries({"op": any_of(_REMOVES), "path": path})


def _pathless(value: Strategy) -> Strategy:
    return st.fixed_dictionaries({"op": any_of(_SETS), "value": value})


def _of_list(name: str) -> Strategy:
    """All forms for one multi-valued attribute with a `value`."""
    element, value = _lists[name]
    chosen = any_of(_FILTERS).map(lambda text: f"{name}[{text}]")
    several = _addables(element) | element
    return st.one_of(
        _op(_SETS, any_of((name, name.upper())), several),
        _op(_REMOVES, st.just(name), st.lists(element | value.map(lambda one: {"value": one}), max_size=2)),
        _gone(st.just(name)),
        _op(("add", "Add", "replace"), chosen.map(lambda path: f"{path}.value"), value),
        _op(("replace",), chosen.map(lambda path: f"{path}.Value"), any_of(NOTHING)),
        _op(("add", "Add", "replace"), chosen.map(lambda path: f"{path}.primary"), flags),
        _op(("add", "Replace"), chosen.map(lambda path: f"{path}.type"), any_of(("work", "other"))),
        _op(("add", "Replace"), chosen, element.map(_without_nulls)),
        _gone(chosen),
        _gone(chosen.map(lambda path: f"{path}.type")),
    )


def _dotted(**values: Strategy) -> dict[str, Strategy]:
    return {name.replace("__", "."): value for name, value in values.items()}


_keys = st.fixed_dictionaries(
    {},
    optional={
        "displayName": mostly(texts, "", []),
        "active": flags,
        "name": names,
        "emails": _addables(emails),
        "id": st.just("x"),
        "groups": st.just([]),
        "bogus": st.just(7),
        "password": st.just("w7Pq"),
        ENTERPRISE_URN: extensions,
        "urn:acme:2.0:User": st.just({"badge": "7"}),
        f"{ENTERPRISE_URN}:department": texts,
        f"{USER_URN}:title": texts,
        'emails[type eq "work"].value': any_of(EMAILS),
        **_dotted(name__familyName=texts, name__givenName=texts, manager__value=st.just("boss")),
    },
)
_user_operation = st.one_of(
    _op(_SETS, any_of(_ONE_TEXT), texts),
    _op(("replace", "Replace"), any_of(_ONE_TEXT), st.one_of(any_of((*NOTHING, [])), _wrapped)),
    _gone(any_of((*_ONE_TEXT, "name", ENTERPRISE_URN, f"{ENTERPRISE_URN}:manager", "manager.value", "externalId"))),
    _op(_SETS, any_of(("active", "Active")), flags),
    *(() if "hidden active" in DECIDED else (_gone(st.just("active")),)),
    _op(_SETS, st.just("userName"), any_of(USER_NAMES)),
    _op(_SETS, any_of(("externalId", f"{USER_URN}:externalId")), any_of(EXTERNAL_IDS)),
    _op(
        ("replace",),
        any_of(("manager", f"{ENTERPRISE_URN}:manager", f"{ENTERPRISE_URN}:manager.value")),
        any_of(("<u0>", "", None, [{"$ref": "x", "value": "boss"}])),
    ),
    _op(("replace",), any_of(("manager", f"{ENTERPRISE_URN}:Manager")), manager_values),
    _op(_SETS, st.just("name"), names),
    _op(_SETS, any_of((ENTERPRISE_URN, ENTERPRISE_URN.lower())), extensions),
    _of_list("emails"),
    _of_list("emails"),
    _of_list("phoneNumbers"),
    _of_list("roles"),
    _op(_SETS, st.just("addresses"), st.lists(addresses, max_size=2)),
    _op(_SETS, any_of(('addresses[type eq "work"].formatted', 'addresses[type eq "home"].country')), texts),
    _op(("replace",), any_of(("emails", "roles", "addresses")), any_of((None, []))),
    _pathless(_keys),
)
_group_operation = st.one_of(
    _op(("add", "Add", "replace"), any_of(("members", "MEMBERS", f"{GROUP_URN}:members")), members),
    _op(_REMOVES, any_of(("members", "Members")), members),
    _gone(member_ids.map(lambda one: f'members[value eq "{one}"]')),
    _gone(st.just('members[value eq "<u0>" or Value eq "<u1>"]')),
    _gone(st.just("members")),
    _op(_SETS, any_of(("displayName", f"{GROUP_URN}:DisplayName")), any_of(GROUP_NAMES)),
    _op(_SETS, st.just("externalId"), any_of(EXTERNAL_IDS)),
    _gone(st.just("externalId")),
    _pathless(st.fixed_dictionaries({"id": st.just("<g0>"), "displayName": any_of(GROUP_NAMES)})),
    _pathless(st.fixed_dictionaries({"Members": mostly(members, None)}, optional={"externalId": any_of(EXTERNAL_IDS)})),
)


def _wrong(*operations: dict[str, Any]) -> Strategy:
    return any_of(operations)


_wrong_for_all = (
    {"op": "move", "path": "title"},
    {"path": "title", "value": "x"},
    {"op": "remove"},
    {"op": "replace", "path": "id", "value": "x"},
    {"op": "Add", "path": "meta.version", "value": "x"},
    {"op": "replace", "path": "schemas", "value": []},
    {"op": "replace", "path": "bogus", "value": "x"},
    {"op": "replace", "path": "displayName"},
    {"op": "add", "path": "displayName", "value": None},
    {"op": "add", "path": "displayName", "value": {"a": 1}},
    {"op": "replace", "value": "x"},
    {"op": "replace", "value": {"name.bogus": "x"}},
    {"op": "replace", "path": 7, "value": "x"},
)
_wrong_operation = {
    "User": _wrong(
        *_wrong_for_all,
        {"op": "remove", "path": "userName"},
        {"op": "replace", "path": "userName", "value": ""},
        {"op": "replace", "path": "active", "value": None},
        {"op": "replace", "value": {"active": "no"}},
        {"op": "replace", "path": "groups", "value": []},
        {"op": "remove", "path": "manager.displayName"},
        {"op": "replace", "path": 'emails[type eq "work"', "value": "x"},
        {"op": "replace", "path": "emails[bogus eq 1].value", "value": "x"},
        {"op": "replace", "path": "emails", "value": [7]},
        {"op": "replace", "path": "name", "value": "x"},
        {
            "op": "replace",
            "path": "emails",
            "value": [{"value": "a@x.test", "primary": True}, {"value": "b@x.test", "primary": "True"}],
        },
    ),
    "Group": _wrong(
        *_wrong_for_all,
        {"op": "remove", "path": "displayName"},
        {"op": "replace", "path": "displayName", "value": ""},
        {"op": "replace", "path": "members", "value": None},
        {"op": "add", "path": "members", "value": [{"display": "x"}]},
        {"op": "replace", "path": "members.type", "value": "User"},
        {"op": "replace", "path": 'members[value eq "<u0>"]', "value": {"value": "<u1>"}},
        {"op": "add", "path": "members"},
    ),
}
_operation = {"User": _user_operation, "Group": _group_operation}


def _patches(kind: str) -> Strategy:
    """Whole bodies: up to three operations, and sometimes a wrong one behind them."""
    good = st.lists(_operation[kind], max_size=3)
    wrong = mostly(st.just([]), "wrong").flatmap(
        lambda one: _wrong_operation[kind].map(lambda op: [op]) if one else st.just([])
    )
    operations = st.builds(lambda first, last: first + last, good, wrong)
    usual = operations.map(lambda listed: {"schemas": [PATCH_URN], "Operations": listed})
    return mostly(
        usual,
        {"Operations": []},
        {"schemas": [], "Operations": []},
        {"schemas": [USER_URN], "Operations": []},
        {"schemas": [PATCH_URN]},
        {"schemas": [PATCH_URN], "Operations": {}},
    )


PATCHES = {"User": _patches("User"), "Group": _patches("Group")}
