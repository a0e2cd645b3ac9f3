"""Bodies of POST and PUT, as Okta, Entra and people who misread the RFC send them."""

from typing import Any

from hypothesis import strategies as st

from tests.model.attributes import ENTERPRISE_URN, GROUP_URN, USER_URN
from tests.model.pools import (
    EXTERNAL_IDS,
    GROUP_NAMES,
    USER_NAMES,
    Strategy,
    any_of,
    managers,
    member_ids,
    mostly,
    respelled,
    some,
    spellings,
    texts,
)

NOTHING = (None, "")
flags = any_of((True, False, "True", "false"))
# Elements that collide: a value under two types, two spellings of one value and type, several that would be primary.
emails = any_of(
    (
        {"value": "ann@x.test", "type": "work", "primary": True},
        {"value": "ANN@X.TEST", "type": "WORK", "display": "Ann"},
        {"value": "ann@x.test", "type": "home", "primary": "True"},
        {"value": "ANN@X.TEST", "primary": "false"},
        {"value": "kim@y.test", "type": "other", "primary": True},
        {"value": "kim@y.test", "type": None},
        {"value": "kim@y.test", "type": "home", "primary": False},
    )
)
phones = any_of(
    (
        {"value": "+49 431 1", "type": "mobile"},
        {"value": "+49 431 1", "type": "work", "primary": True},
        {"value": "0431-2", "type": "mobile", "primary": True},
        {"value": "0431-2"},
    )
)
roles = any_of(
    (
        {"value": "Ops", "display": "Pilot", "primary": "True"},
        {"value": "ops", "type": "work", "display": "STRASSE"},
        {"value": "Ops", "type": "WORK", "primary": True},
        {"value": "Ops", "type": "other", "display": 'a%b"\\'},
    )
)
addresses = any_of(
    (
        {"type": "work", "formatted": "Pilot", "country": None},
        {"type": "WORK", "formatted": "PILOT"},
        {"type": "home", "country": "Gibraltar", "primary": True},
        {"type": "work", "country": "DE", "primary": "true"},
    )
)
manager_values = st.one_of(
    managers,
    any_of(NOTHING),
    st.fixed_dictionaries({"value": st.one_of(managers, any_of(NOTHING))}, optional={"$ref": st.none()}),
)
names = some(givenName=texts, familyName=st.one_of(texts, any_of(NOTHING)))
extensions = some(department=mostly(texts, *NOTHING), employeeNumber=texts, manager=manager_values, bogus=texts)
_ignored = {
    "id": any_of(("<u1>", "x")),
    "meta": st.just({"resourceType": "Group", "version": "9"}),
    "groups": st.just([{"value": "<g0>"}]),
    "password": st.just("q8Zt1vKd"),
    "bogus": st.just({"a": [1]}),
}
members = st.lists(
    st.one_of(
        st.fixed_dictionaries({"value": member_ids}, optional={"type": any_of(("User", None)), "display": texts}),
        member_ids,
    ),
    max_size=3,
)


def user_bodies(user_names: Strategy) -> Strategy:
    """A user, rarely a wrong one."""
    needed = {
        "schemas": mostly(any_of(([USER_URN], [USER_URN, ENTERPRISE_URN, "urn:acme:2.0:User"])), [], None),
        "userName": user_names,
    }
    optional = {
        "externalId": any_of((*EXTERNAL_IDS, "")),
        "active": mostly(flags, None, "", "no", 0),
        "displayName": mostly(texts, "", None, []),
        "title": mostly(texts, 7),
        "name": mostly(names, "Ann"),
        "emails": mostly(st.lists(emails, max_size=3), None, [None], "kim@y.test", [7]),
        "phoneNumbers": st.lists(phones, max_size=2),
        "addresses": st.lists(addresses, max_size=1),
        "roles": st.lists(roles, max_size=2),
        ENTERPRISE_URN: extensions,
        **_ignored,
    }
    return _spelled(st.fixed_dictionaries(needed, optional=optional))


def group_bodies(group_names: Strategy) -> Strategy:
    """A group, rarely a wrong one."""
    needed = {
        "schemas": mostly(any_of(([GROUP_URN], [GROUP_URN, "http://schemas.microsoft.com/x/Group"])), [], None),
        "displayName": group_names,
    }
    optional = {
        "members": mostly(members, None, [{"display": "x"}], [""]),
        "externalId": any_of((*EXTERNAL_IDS, "")),
        **_ignored,
    }
    return _spelled(st.fixed_dictionaries(needed, optional=optional))


def _spelled(bodies: Strategy) -> Strategy:
    """In one spelling; `schemas` of None are none at all."""
    return st.builds(lambda body, spelling: respelled(_stripped(body), spelling), bodies, spellings)


def _stripped(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "schemas" or value is not None}


BODIES = {
    "User": user_bodies(mostly(any_of(USER_NAMES), "", None, 7, ["ann"])),
    "Group": group_bodies(mostly(any_of(GROUP_NAMES), "", None, 7)),
}
# Whom a sequence begins with: two users who mostly have an address, and a group that mostly holds them.
_addresses = st.lists(emails, min_size=1, max_size=3).map(lambda found: ("emails", found))
_both = st.just(("members", [{"value": "<u0>"}, {"value": "<u1>"}]))


def _unless_said(bodies: Strategy, attribute: Strategy) -> Strategy:
    """Bodies that say nothing of the attribute get this one."""
    return st.builds(
        lambda body, pair: body if pair[0].lower() in map(str.lower, body) else {**body, pair[0]: pair[1]},
        bodies,
        attribute,
    )


first_users = tuple(_unless_said(user_bodies(st.just(name)), _addresses) for name in ("ann", "kim"))
first_group = _unless_said(group_bodies(st.just("Crew")), _both)
