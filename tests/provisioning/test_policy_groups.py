"""What the policy says of groups: many names for one Hexnode group are wished, contradictions are named."""

import pytest

from scim_bridge.provisioning.policy import named_key
from tests.provisioning.policies import acme, acme_faults


def test_many_groups_and_rules_may_fill_one_hexnode_group() -> None:
    tenant = acme(
        '[tenants.acme.groups]\nA = {hexnode_group = "Sales"}\nB = {hexnode_group = "Sales"}\n'
        '[[tenants.acme.rules]]\nname = "r"\nwhen = "title pr"\ngroup = "Sales"\n'
    )
    assert tenant.group_names == {"A": "Sales", "B": "Sales"}
    assert [rule.key for rule in tenant.rules] == [named_key("Sales")]


@pytest.mark.parametrize(
    ("mapped", "names", "exclusive"),
    [
        ('hexnode_group = "B c"', {"A b": "B c"}, set()),
        ('hexnode_group = "B c"\nexclusive = true', {"A b": "B c"}, {"b c"}),
        ("exclusive = true", {"A b": "A b"}, {"a b"}),
        ("exclusive = false", {"A b": "A b"}, set()),
    ],
)
def test_a_mapped_group_may_be_exclusive_and_then_keeps_its_name_unless_it_is_given_another(
    mapped: str, names: dict[str, str], exclusive: set[str]
) -> None:
    tenant = acme(f'[tenants.acme.groups."A b"]\n{mapped}')
    assert (tenant.group_names, tenant.exclusive) == (names, exclusive)


@pytest.mark.parametrize(
    "filled",
    [
        'rules = [{name = "r", when = "title pr", group = "ENGINEERING"}]',
        'groups.X.hexnode_group = "ENGINEERING"',
        'scope.groups = ["Eng*"]',
        "",
    ],
)
def test_an_exclusive_group_is_filled_by_a_rule_a_mapped_group_or_the_scope(filled: str) -> None:
    assert acme(f'exclusive = ["Engineering"]\n{filled}').exclusive == {"engineering"}


def test_an_exclusive_group_that_nothing_fills_is_a_fault() -> None:
    said = 'exclusive = ["Engineering", "Enginering"]\nscope.groups = ["UG_*"]\n'
    rules = 'rules = [{name = "r", when = "title pr", group = "Engineering"}]'
    assert acme_faults(said + rules) == [
        'exclusive[2]: no mapped group, rule or scope pattern fills a Hexnode group "Enginering".'
    ]


def test_a_rule_with_a_faulty_filter_still_fills_its_group() -> None:
    rules = 'rules = [{name = "r", when = "title", group = "Engineering"}]'
    [fault] = acme_faults('exclusive = ["Engineering"]\nscope.groups = []\n' + rules)
    assert fault.startswith("rules[1].when:")


def test_protected_people_groups_and_devices_are_kept_as_patterns() -> None:
    tenant = acme('protected = {users = ["break-glass@*"], groups = ["Kiosks*"], devices = ["C02-*"]}')
    assert (tenant.protected_users, tenant.protected_groups) == (("break-glass@*",), ("Kiosks*",))
    assert tenant.protected_devices == ("C02-*",)


@pytest.mark.parametrize(
    ("filled", "place"),
    [
        ('groups."Kiosk staff".hexnode_group = "Kiosks East"', 'groups."Kiosk staff".hexnode_group'),
        ('groups."kiosks East".exclusive = true', 'groups."kiosks East".hexnode_group'),
        ('rules = [{name = "r", when = "title pr", group = "KIOSKS"}]', "rules[1].group"),
    ],
)
def test_a_protected_group_cannot_be_filled(filled: str, place: str) -> None:
    [fault] = acme_faults(f'protected.groups = ["Kiosks*"]\n{filled}')
    assert fault.startswith(f"{place}: ")
    assert fault.endswith("is protected, so nobody would ever be placed in it.")


def test_one_hexnode_group_is_written_alike_everywhere() -> None:
    mapped = 'groups = {A = {hexnode_group = "Sales"}, B = {hexnode_group = "SALES"}, C = {hexnode_group = "Sales"}}\n'
    rules = 'rules = [{name = "r", when = "title pr", group = "sales"}]'
    assert acme_faults(mapped + rules) == [
        'groups.B.hexnode_group: is written "Sales" at tenants.acme.groups.A.hexnode_group; write it alike everywhere.',
        'rules[1].group: is written "Sales" at tenants.acme.groups.A.hexnode_group; write it alike everywhere.',
    ]


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("groups.A = {}", "groups.A.hexnode_group: is missing."),
        ('groups.A.hexnode_group = " "', "groups.A.hexnode_group: is missing."),
        ("groups.A = 1", "groups.A: must be a table."),
        ("groups.A.hexnode_group = 1", "groups.A.hexnode_group: must be a text."),
        ("groups.A.exclusive = 1", "groups.A.exclusive: must be a true or false."),
        ('groups.A.hexnode_group = "\\u0000"', "groups.A.hexnode_group: has a control character in it."),
        ('exclusive = "A"', "exclusive: must be a list."),
        ("exclusive = [1]", "exclusive[1]: must be a text that is not blank."),
        ('scope.groups = ["A", ""]', "scope.groups[2]: must be a text that is not blank."),
        ('protected = ["A"]', "protected: must be a table."),
        ("protected.users = [7]", "protected.users[1]: must be a text that is not blank."),
        ('protected.groups = "Kiosks"', "protected.groups: must be a list."),
        ('protected.devices = "C02-1"', "protected.devices: must be a list."),
        ("protected.devices = ['']", "protected.devices[1]: must be a text that is not blank."),
        ("protected.serials = []", "protected.serials: is not a setting; known here: users, groups, devices."),
        ("rules = {}", "rules: must be a list."),
    ],
)
def test_one_mistake_is_one_fault_with_its_place(more: str, fault: str) -> None:
    assert acme_faults(more) == [fault]
