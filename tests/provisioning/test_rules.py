"""Rules on a stored user: who fits, why or why not, and what must be kept for that."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim_bridge.provisioning.mapping import profile_of
from scim_bridge.provisioning.policy import Attributes, Rule, TenantPolicy
from scim_bridge.provisioning.rules import explained, matching, needed_attributes, reduced
from scim_bridge.scim.filter_parser import parse
from scim_bridge.scim.path import parse_path
from scim_bridge.scim.resources import USER_TYPE

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
LENA = {
    "schemas": [USER, ENTERPRISE],
    "userName": "lena@acme.test",
    "externalId": "00u1",
    "active": True,
    "title": "Rigger",
    "nickName": "Le",
    "name": {"givenName": "Lena", "familyName": "Brandt", "middleName": "M."},
    "emails": [{"value": "lena@acme.test", "type": "work", "primary": True}, {"value": "l@home.test", "type": "home"}],
    "phoneNumbers": [{"value": "1", "type": "mobile"}],
    "addresses": [{"type": "work", "country": "DE", "locality": "Kiel", "streetAddress": "Hafen 1"}],
    "roles": [{"value": "a" * 100}, {"value": "b"}, {"value": "c"}, {"value": "d"}],
    ENTERPRISE: {"department": "Docks", "costCenter": "7", "manager": {"value": "u9"}},
}


def rule(when: str, name: str = "a rule", group: str = "Engineering") -> Rule:
    return Rule(name, parse(when, USER_TYPE), when, group)


def tenant(*filters: str, store: str = "minimal", **paths: list[str]) -> TenantPolicy:
    attributes = {key: tuple(parse_path(text, USER_TYPE) for text in texts) for key, texts in paths.items()}
    return TenantPolicy("acme", "acme", rules=tuple(map(rule, filters)), attributes=Attributes(store, **attributes))


def test_the_rules_that_fit_are_given_in_their_order() -> None:
    rules = [rule("title pr", "a"), rule('title eq "x"', "b"), rule('department eq "docks"', "c")]
    assert [each.name for each in matching(rules, LENA)] == ["a", "c"]
    assert matching([], LENA) == ()


@pytest.mark.parametrize(
    ("when", "clauses"),
    [
        ('department eq "Docks"', [('department eq "Docks"', True)]),
        (
            f'{ENTERPRISE}:department eq "Engineering" and active eq true',
            [('department eq "Engineering": has "Docks"', False), ("active eq true", True)],
        ),
        (
            'title eq "x" or (nickName sw "L" and not (title pr))',
            [('title eq "x": has "Rigger"', False), ('nickName sw "L"', True), ('not (title pr): has "Rigger"', False)],
        ),
        (
            'not (title eq "Rigger" and locale eq "de")',
            [('not (title eq "Rigger"): has "Rigger"', False), ('not (locale eq "de")', True)],
        ),
        ("not (not (locale pr))", [("locale pr: has none", False)]),
        ('manager eq "u1"', [('manager.value eq "u1": has "u9"', False)]),
        (
            'emails[type eq "home"].value ew "@acme.test"',
            [
                (
                    'emails[type eq "home" and value ew "@acme.test"]: '
                    'has {"value": "lena@acme.test", "type": "work", "primary": true}, '
                    '{"value": "l@home.test", "type": "home"}',
                    False,
                )
            ],
        ),
        ('roles eq "x"', [(f'roles.value eq "x": has "{"a" * 79}..., "b", "c", ...', False)]),
    ],
)
def test_a_rule_is_explained_clause_by_clause_with_what_the_person_has_instead(
    when: str, clauses: list[tuple[str, bool]]
) -> None:
    assert explained(rule(when), LENA) == clauses


def test_what_the_built_in_mapping_needs_is_kept_with_what_idps_find_people_by() -> None:
    assert reduced(LENA, tenant()) == {
        "schemas": [USER],
        "userName": "lena@acme.test",
        "externalId": "00u1",
        "active": True,
        "name": {"givenName": "Lena", "familyName": "Brandt"},
        "emails": LENA["emails"],
        "phoneNumbers": LENA["phoneNumbers"],
    }


def test_what_rules_ask_for_is_kept_and_nothing_beside_it() -> None:
    kept = reduced(LENA, tenant('department eq "x" and manager pr', 'addresses[type eq "work"].country eq "DE"'))
    assert kept[ENTERPRISE] == {"department": "Docks", "manager": {"value": "u9"}}
    assert kept["addresses"] == [{"type": "work", "country": "DE"}]
    assert kept["schemas"] == LENA["schemas"]
    assert "title" not in kept


def test_with_paths_of_its_own_a_tenant_keeps_only_those() -> None:
    policy = tenant(name=["name.middleName"], email=['emails[type eq "work"].value'], phone=["title"])
    kept = reduced(LENA, policy)
    assert set(kept) == {"schemas", "userName", "externalId", "active", "name", "emails", "title"}
    assert kept["name"] == {"middleName": "M."}


def test_elements_keep_what_tells_one_from_another_for_the_next_patch() -> None:
    kept = reduced(LENA, tenant(email=["emails.value"]))
    assert kept["emails"] == LENA["emails"]


@pytest.mark.parametrize("when", ['addresses.country ne "DE"', 'addresses[not (country eq "DE")]'])
def test_where_an_element_without_it_would_do_the_elements_stay_whole(when: str) -> None:
    person = {"userName": "x", "addresses": [{"locality": "Kiel"}, {"country": "DE", "locality": "Bonn"}]}
    kept = reduced(person, tenant(when))
    assert kept["addresses"] == person["addresses"]
    assert matching([rule(when)], kept)


def test_a_standard_store_keeps_the_very_document() -> None:
    assert reduced(LENA, tenant(store="standard")) is LENA


def test_a_leaver_is_known_by_a_reduced_document() -> None:
    assert reduced({**LENA, "active": False}, tenant())["active"] is False


def test_needed_attributes_are_the_keys_that_lead_to_them() -> None:
    needed = needed_attributes(tenant("name pr", 'department eq "x"', name=["displayName"], phone=["title"]))
    assert needed == {
        ("schemas",),
        ("userName",),
        ("externalId",),
        ("active",),
        ("displayName",),
        ("title",),
        ("name",),
        ("emails", "value"),
        ("emails", "type"),
        ("emails", "primary"),
        (ENTERPRISE, "department"),
    }


# --- Whatever is asked and whoever the person is: what is kept gives the same answers ---

FILTERS = st.sampled_from(
    [
        'title eq "a"',
        'title ne "a"',
        "title pr",
        "name pr",
        'name.givenName ne "a"',
        f"{ENTERPRISE} pr",
        'manager ne "a"',
        "manager pr",
        "addresses pr",
        'addresses.country ne "a"',
        'addresses.country eq "a"',
        "addresses.type pr",
        'addresses[type eq "a"].country eq "a"',
        'addresses[not (type eq "a")]',
        'addresses[type ne "a" and country pr]',
        'emails[not (primary eq true)].value ne "a"',
        'roles ne "a"',
        "not (roles.type pr)",
    ]
)
CLAUSES = st.recursive(
    FILTERS,
    lambda part: (
        st.tuples(part, st.sampled_from(["and", "or"]), part).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        | part.map(lambda clause: f"not ({clause})")
    ),
    max_leaves=4,
)
PATHS = st.lists(
    st.sampled_from(["title", "name.givenName", "userName", 'emails[not (type eq "a")].value', "manager.value"]),
    max_size=2,
)
WORD = st.sampled_from(["a", "b", "a@b"])


def some(*names: str, **typed: Any) -> Any:
    return st.fixed_dictionaries({}, optional={**dict.fromkeys(names, WORD), **typed}).filter(bool)


ELEMENTS = st.lists(some("value", "type", primary=st.booleans()), min_size=1, max_size=3)
PEOPLE = st.fixed_dictionaries(
    {"userName": WORD},
    optional={
        "title": WORD,
        "displayName": WORD,
        "name": some("givenName", "familyName", "middleName"),
        "emails": ELEMENTS,
        "phoneNumbers": ELEMENTS,
        "roles": ELEMENTS,
        "addresses": st.lists(some("country", "locality", "type"), min_size=1, max_size=3),
        ENTERPRISE: some("department", manager=some("value")),
    },
)


@settings(max_examples=500, deadline=None)
@given(st.lists(CLAUSES, max_size=2), PATHS, PATHS, PEOPLE)
def test_a_reduced_document_answers_as_the_whole_one(
    filters: list[str], names: list[str], emails: list[str], person: dict[str, Any]
) -> None:
    policy = tenant(*filters, name=names, email=emails)
    kept = reduced(person, policy)
    assert matching(policy.rules, kept) == matching(policy.rules, person)
    assert profile_of(kept, policy.attributes) == profile_of(person, policy.attributes)
    assert reduced(kept, policy) == kept


@settings(max_examples=200, deadline=None)
@given(CLAUSES, PEOPLE)
def test_a_person_who_fits_no_rule_has_a_clause_that_does_not_hold(when: str, person: dict[str, Any]) -> None:
    clauses = explained(rule(when), person)
    fits = bool(matching([rule(when)], person))
    assert fits or not all(holds for _, holds in clauses)
    assert not fits or any(holds for _, holds in clauses)
