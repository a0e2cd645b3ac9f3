"""The policy as values: whom it protects, and the digest of what it decides."""

from dataclasses import replace

import pytest

from scim_bridge.offboarding.recipe import DEFAULT_RECIPE, recipe_of
from scim_bridge.offboarding.triggers import TRIGGERS
from scim_bridge.provisioning.policy import Attributes, Guard, Hooks, Rule, TenantPolicy, digest
from scim_bridge.scim.filter_parser import parse
from scim_bridge.scim.path import parse_path
from scim_bridge.scim.resources import USER_TYPE


def rule(when: str, group: str = "Engineering", name: str = "a rule") -> Rule:
    return Rule(name, parse(when, USER_TYPE), when, group)


def paths(*texts: str) -> tuple:
    return tuple(parse_path(text, USER_TYPE) for text in texts)


ACME = TenantPolicy(
    "acme",
    "acme",
    scope=("UG_*", "MDM"),
    group_names={"A": "Sales", "B": "Sales"},
    rules=(rule('department eq "Engineering"'), rule("title pr", "Titled")),
    attributes=Attributes(name=paths("displayName", "userName"), email=paths("emails.value")),
    exclusive=frozenset({"engineering", "sales"}),
    protected_users=("break-glass@*", "ceo@acme.test"),
    protected_groups=("Kiosks*",),
    protected_devices=("C02-*", "F2LX1"),
)


@pytest.mark.parametrize(
    ("user_name", "protected"),
    [
        ("break-glass@acme.test", True),
        ("Break-Glass@acme.test", True),
        ("CEO@acme.test", True),
        ("x.ceo@acme.test", False),
    ],
)
def test_protected_users_are_patterns_in_any_letter_case(user_name: str, protected: bool) -> None:
    assert ACME.protects_user(user_name) is protected


@pytest.mark.parametrize(("name", "protected"), [("Kiosks", True), ("KIOSKS East", True), ("All Kiosks", False)])
def test_protected_groups_are_patterns_in_any_letter_case(name: str, protected: bool) -> None:
    assert ACME.protects_group(name) is protected


@pytest.mark.parametrize(("serial", "protected"), [("C02-1", True), ("c02-", True), ("f2lx1", True), ("F2LX10", False)])
def test_protected_devices_are_patterns_of_serials_in_any_letter_case(serial: str, protected: bool) -> None:
    assert ACME.protects_device(serial) is protected


def test_each_trigger_has_its_recipe() -> None:
    words = {
        "scope_lost": "scan",
        "deactivated": "lock",
        "deleted": "wipe",
        "operator": "disenroll",
        "hr_event": "approve",
    }
    keys = ("on_scope_loss", "on_deactivate", "on_delete", "on_offboard", "on_hr_event")
    tenant = TenantPolicy(
        "acme", "acme", **{key: recipe_of(word) for key, word in zip(keys, words.values(), strict=True)}
    )
    assert {trigger: tenant.recipe_for(trigger) for trigger in TRIGGERS} == {
        trigger: recipe_of(word) for trigger, word in words.items()
    }


def test_by_default_a_leaver_is_locked_and_one_who_left_the_scope_is_left_alone() -> None:
    recipes = {trigger: TenantPolicy("acme", "acme").recipe_for(trigger) for trigger in TRIGGERS}
    assert recipes.pop("scope_lost") == ()
    assert set(recipes.values()) == {DEFAULT_RECIPE}


def test_without_a_pattern_nothing_is_protected() -> None:
    assert not TenantPolicy("acme", "acme").protects_user("")
    assert not TenantPolicy("acme", "acme").protects_group("*")
    assert not TenantPolicy("acme", "acme").protects_device("")


@pytest.mark.parametrize(
    "change",
    [
        {"portal": "other"},
        {"scope": ("UG_*",)},
        {"group_names": {"A": "Sales", "B": "Sales NA"}},
        {"group_names": {"A": "Sales", "C": "Sales"}},
        {"rules": ()},
        {"rules": (rule('department eq "Sales"'), rule("title pr", "Titled"))},
        {"rules": (rule('department eq "Engineering"'), rule("title pr", "Others"))},
        {"attributes": replace(ACME.attributes, store="minimal")},
        {"attributes": replace(ACME.attributes, name=paths("userName", "displayName"))},
        {"attributes": replace(ACME.attributes, email=(), phone=paths("emails.value"))},
        {"attributes": replace(ACME.attributes, email=paths('emails[type eq "work"].value'))},
        {"exclusive": frozenset({"sales"})},
        {"protected_users": ("break-glass@*",)},
        {"protected_groups": ()},
        {"protected_groups": ACME.protected_users, "protected_users": ACME.protected_groups},
        {"on_deactivate": recipe_of("lock")},
    ],
    ids="-".join,
)
def test_the_digest_changes_with_everything_that_decides(change: dict) -> None:
    assert digest(replace(ACME, **change)) != digest(ACME)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"mode": "observe"},
        {"lock_message": "Call IT.", "lock_phone": "1"},
        {"guard": Guard(withdrawals_per_hour=1)},
        {"hooks": Hooks(("whsec_",), 1), "lock_pin": False, "protected_devices": ("C02*",)},
        {"on_hr_event": (), "on_offboard": recipe_of("lock"), "on_scope_loss": recipe_of("lock")},
        {"on_delete": ()},
        {"on_deactivate": recipe_of("leave_groups", "hold 24h", "disenroll")},
        {"scope": ("MDM", "UG_*", "MDM")},
        {"group_names": {"B": "Sales", "A": "Sales"}},
        {"rules": (rule("title  PR", "Titled", "renamed"), rule('Department eq "Engineering"'))},
        {"protected_users": ("CEO@acme.test", "break-glass@*")},
    ],
    ids="-".join,
)
def test_the_digest_stays_with_messages_limits_order_and_spelling(change: dict) -> None:
    assert digest(replace(ACME, **change)) == digest(ACME)


def test_the_digest_is_the_same_in_every_process_and_version() -> None:
    # Another value here means that every tenant is computed anew at the first start of that version.
    assert digest(ACME) == "b5ffbb82a0b76a127a47037a03785a3c6632472cdd9ce82fc75e5758c0ea82b7"
