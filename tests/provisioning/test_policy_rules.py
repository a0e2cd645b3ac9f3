"""Rules and attributes in the policy: what is understood, and what a person does not have."""

import pytest

from scim_bridge.provisioning.policy import Attributes, Rule
from scim_bridge.scim.filter_parser import parse
from scim_bridge.scim.filter_text import path_text
from scim_bridge.scim.resources import USER_TYPE
from tests.provisioning.policies import acme, acme_faults

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

NOT_ASKED = "is not kept with a person, so no rule can ask for it."
NOT_TAKEN = "is not kept with a person, so nothing can be taken from it."
NO_TEXT = "is no text; name one, such as displayName or emails.value."


def _rule(when: str) -> str:
    return f"[[tenants.acme.rules]]\nname = 'r'\nwhen = '''{when}'''\ngroup = 'A'\n"


@pytest.mark.parametrize(
    "when",
    [
        f'{ENTERPRISE}:department eq "Engineering" and active eq true',
        'title co "chief" or addresses[type eq "work"].country eq "DE"',
        'userName ew "@acme.test" and externalId pr and not (userType eq "guest")',
        'manager eq "u1"',
        'roles[value eq "admin" and primary eq true]',
    ],
)
def test_a_rule_is_any_filter_over_what_is_kept_of_a_person(when: str) -> None:
    assert acme(_rule(when)).rules == (Rule("r", parse(when, USER_TYPE), when, "A"),)


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("title eq", "The filter is malformed."),
        ('department is "x"', "'is' stands where the filter needs an operator or an attribute."),
        ("departement pr", "'departement' is not an attribute to filter by."),
        ('active gt "x"', "gt has no meaning for this value of active."),
        ('members eq "u1"', "'members' is not an attribute to filter by."),
        ('password eq "x"', "'password' is not an attribute to filter by."),
        ('groups eq "g1"', f"groups.value {NOT_ASKED}"),
        ('groups[display eq "g"]', f"groups.display {NOT_ASKED}"),
        ('title pr and not (id eq "x")', f"id {NOT_ASKED}"),
        ('meta.created gt "2026-01-01T00:00:00Z"', f"meta.created {NOT_ASKED}"),
        ("manager.displayName pr", f"manager.displayName {NOT_ASKED}"),
        (" AND ".join(["title pr"] * 51), None),
    ],
)
def test_a_filter_that_can_never_be_answered_is_a_fault_with_the_reason(when: str, sentence: str | None) -> None:
    [fault] = acme_faults(_rule(when))
    assert fault.startswith("rules[1].when: ")
    assert sentence is None or fault.endswith(sentence)


def test_every_fault_of_every_rule_is_named() -> None:
    rules = (
        _rule("title pr")
        + "[[tenants.acme.rules]]\nwhen = 'nope pr and x'\nprio = 1\n"
        + _rule("id pr and groups pr")
        + "[[tenants.acme.rules]]\nname = ' '\nwhen = 7\ngroup = \"a\\tb\"\n"
    )
    assert [fault.split(": ")[0] for fault in acme_faults(rules)] == [
        "rules[2].prio",
        "rules[2].name",
        "rules[2].group",
        "rules[2].when",
        "rules[3].name",
        "rules[3].when",
        "rules[3].when",
        "rules[4].when",
        "rules[4].name",
        "rules[4].group",
    ]


def test_a_rule_that_is_no_table_is_one_fault() -> None:
    assert acme_faults("rules = ['title pr']") == ["rules[1]: must be a table."]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("displayName", "displayName"),
        ("NAME.formatted", "name.formatted"),
        ("emails[primary eq true].value", "emails[primary eq true].value"),
        ('emails[type eq "work"].value', 'emails[type eq "work"].value'),
        ("emails.value", "emails.value"),
        (f"{ENTERPRISE}:department", "department"),
        (f"{ENTERPRISE}:manager.value", "manager.value"),
        ("userName", "userName"),
        ("profileUrl", "profileUrl"),
    ],
)
@pytest.mark.parametrize("name", ["name", "email", "phone"])
def test_an_attribute_is_a_path_to_a_text(name: str, path: str, text: str) -> None:
    read = acme(f"attributes.{name} = '{path}'").attributes
    assert [path_text(each) for each in getattr(read, name)] == [text]


def test_several_paths_stand_in_order_of_preference() -> None:
    read = acme("attributes.email = ['userName', 'emails.value']").attributes
    assert [path_text(each) for each in read.email] == ["userName", "emails.value"]
    assert (read.name, read.phone) == ((), ())


@pytest.mark.parametrize("store", ["standard", "minimal"])
def test_a_store_is_standard_or_minimal(store: str) -> None:
    assert acme(f"attributes.store = '{store}'").attributes == Attributes(store)
    assert acme_faults(f"attributes.store = '{store}x'") == ['attributes.store: must be "standard" or "minimal".']


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("name = 'shoeSize'", "name: 'shoeSize' is not the path of an attribute."),
        ("name = 'name'", f"name: name {NO_TEXT}"),
        ("email = 'emails'", f"email: emails {NO_TEXT}"),
        ("email = 'emails[primary eq true]'", f"email: emails {NO_TEXT}"),
        ("email = 'emails.primary'", f"email: emails.primary {NO_TEXT}"),
        ("name = 'active'", f"name: active {NO_TEXT}"),
        (f"name = '{ENTERPRISE}'", f"name: {ENTERPRISE} {NO_TEXT}"),
        ("name = 'password'", f"name: password {NOT_TAKEN}"),
        ("name = 'groups.display'", f"name: groups.display {NOT_TAKEN}"),
        ("phone = ['title', 'nope', 3]", "phone[2]: 'nope' is not the path of an attribute."),
        ("phone = ['title', 'nope', 3]", "phone[3]: must be a path as text."),
        ("phone = []", "phone: must be a path as text, or a list of paths in order of preference."),
        ("phone = 7", "phone: must be a path as text, or a list of paths in order of preference."),
        ("store = 1", "store: must be a text."),
        ("street = 'title'", "street: is not a setting; known here: store, name, email, phone."),
    ],
)
def test_a_path_that_leads_to_no_text_is_a_fault(more: str, fault: str) -> None:
    assert f"attributes.{fault}" in acme_faults(f"attributes.{more}")


def test_a_filter_in_a_path_is_read_too() -> None:
    [fault] = acme_faults("attributes.email = 'emails[kind eq \"work\"].value'")
    assert fault.startswith("attributes.email: ")
    assert "'kind' is not an attribute to filter by" in fault
