"""Recipes in the policy file: words and tables, each fault at the line of its step, and nothing that the portal cannot
do."""

from pathlib import Path

import pytest

from scim_bridge.offboarding.recipe import OWNERSHIPS, Instruction, recipe_of
from scim_bridge.offboarding.triggers import TRIGGERS
from scim_bridge.provisioning import policy_file
from scim_bridge.provisioning.policy import TenantPolicy
from tests.provisioning.policies import ENVIRON, PORTAL, TENANT, faults, read

ABLE = PORTAL + 'paths = {disenroll = "disenroll", ownership = "ownership"}\n'
OFFBOARDING = "[tenants.acme.offboarding]\n"
KEYS = {
    "deactivated": "on_deactivate", "deleted": "on_delete", "hr_event": "on_hr_event", "operator": "on_offboard",
    "scope_lost": "on_scope_loss",
}  # fmt: skip


def acme(said: str) -> TenantPolicy:
    """The tenant on a portal that can do everything."""
    return read(ABLE + TENANT + OFFBOARDING + said).tenants["acme"]


def offboarding_faults(said: str, portal: str = ABLE) -> list[str]:
    found = faults(portal + TENANT + OFFBOARDING + said)
    assert all(fault.startswith("tenants.acme.offboarding.") for fault in found), found
    return [fault.removeprefix("tenants.acme.offboarding.") for fault in found]


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_each_trigger_has_a_key_of_its_own(trigger: str) -> None:
    tenant = acme(f'{KEYS[trigger]} = ["lock", "hold 24h", "approve", "disenroll", "delete_user"]')
    assert tenant.recipe_for(trigger) == recipe_of("lock", "hold 24h", "approve", "disenroll", "delete_user")
    usual = TenantPolicy("acme", "acme")
    assert all(tenant.recipe_for(other) == usual.recipe_for(other) for other in TRIGGERS if other != trigger)


def test_a_recipe_may_be_empty() -> None:
    assert acme("on_deactivate = []").on_deactivate == ()


def test_what_a_locked_device_shows_is_kept() -> None:
    tenant = acme('lock_message = "Call IT."\nlock_phone = "1"\nlock_pin = false')
    assert (tenant.lock_message, tenant.lock_phone, tenant.lock_pin) == ("Call IT.", "1", False)


# --- Tables ---


@pytest.mark.parametrize(
    ("table", "step"),
    [
        ('{step = "disenroll"}', Instruction("disenroll")),
        ('{step = "disenroll", ownership = ["personal"]}', Instruction("disenroll", "", ("personal",))),
        (
            '{step = "wipe", platforms = ["iOS", " Android "]}',
            Instruction("wipe", "", ("corporate",), ("ios", "android")),
        ),
        (
            '{step = "reassign to it@acme.test", platforms = ["macos"]}',
            Instruction("reassign", "it@acme.test", OWNERSHIPS, ("macos",)),
        ),
        ('{step = "disenroll", ownership = ["Unknown", "personal", "corporate"]}', Instruction("disenroll")),
    ],
)
def test_a_table_narrows_a_step(table: str, step: Instruction) -> None:
    assert acme(f"on_delete = ['hold 1h', {table}]").on_delete[1] == step


@pytest.mark.parametrize(
    ("words", "ownership"),
    [
        ('"wipe"', ("corporate",)),
        ('{step = "wipe"}', ("corporate",)),
        ('{step = "wipe", platforms = ["ios"]}', ("corporate",)),
        ('{step = "wipe", ownership = ["personal"]}', ("personal",)),
        ('{step = "wipe", ownership = ["unknown", "corporate"]}', ("corporate", "unknown")),
    ],
)
def test_personal_or_unknown_devices_are_wiped_only_when_written_out(words: str, ownership: tuple[str, ...]) -> None:
    assert acme(f"on_delete = ['approve', {words}]").on_delete[1].ownership == ownership


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ("7", "on_delete[2]: must be words"),
        ('["lock"]', "on_delete[2]: must be words"),
        ("{}", "on_delete[2].step: is missing."),
        ('{step = " "}', "on_delete[2].step: is missing."),
        ("{step = 1}", "on_delete[2].step: must be a text."),
        ('{platforms = ["ios"]}', "on_delete[2].step: is missing."),
        (
            '{step = "wipe", colour = 1}',
            "on_delete[2].colour: is not a setting; known here: step, ownership, platforms.",
        ),
        ('{step = "wipe", ownership = "corporate"}', "on_delete[2].ownership: must be a list."),
        ('{step = "wipe", ownership = []}', "on_delete[2].ownership: names nothing"),
        (
            '{step = "wipe", ownership = ["corporate", "all"]}',
            'on_delete[2].ownership: "all" is no ownership; they are ',
        ),
        ('{step = "wipe", ownership = [7, "corporate"]}', "on_delete[2].ownership[1]: must be a text"),
        ('{step = "wipe", platforms = []}', "on_delete[2].platforms: names nothing"),
        ('{step = "wipe", platforms = ["a\\u0000"]}', "on_delete[2].platforms: has a control character in it."),
        ('{step = "lock", platforms = ["ios"]}', "on_delete[2]: lock cannot be narrowed"),
        ('{step = "wipe now"}', "on_delete[2]: wipe stands alone"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_fault(item: str, fault: str) -> None:
    [found] = offboarding_faults(f"on_delete = ['hold 1h', {item}]")
    assert found.startswith(fault)


# --- Judged ---


def test_a_recipe_that_is_not_safe_is_refused_at_the_step() -> None:
    found = offboarding_faults('on_hr_event = ["hold 1h", "disenroll", "lock"]\non_offboard = ["lock", "quarantine"]')
    assert [fault.split(": ")[0] for fault in found] == ["on_hr_event[3]", "on_offboard[2]"]


def test_destructive_steps_need_hold_or_approval_unless_the_policy_says_unattended() -> None:
    recipe = 'on_delete = ["lock", "wipe"]\n'
    [fault] = offboarding_faults(recipe)
    assert fault.startswith("on_delete[2]: wipe has neither hold nor approve before it")
    assert offboarding_faults(recipe + "unattended = false") == [fault]
    assert acme(recipe + "unattended = true").on_delete == recipe_of("lock", "wipe")


def test_unattended_must_be_said_in_so_many_words() -> None:
    assert offboarding_faults('unattended = "yes"') == ["unattended: must be a true or false."]


def test_the_order_of_steps_that_cannot_be_read_is_not_judged() -> None:
    assert len(offboarding_faults("on_delete = [7, 'lock', 'lock', 'wipe']")) == 1


def test_every_fault_has_the_line_of_its_step(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    recipe = 'on_delete = [\n  "lock",\n  "wip",\n  {step = "wipe", ownership = ["all"]},\n  "hold", "lock",\n]\n'
    path.write_text(ABLE + TENANT + OFFBOARDING + recipe, "utf-8")
    found = [fault.removeprefix(f"{path}:").split(": ")[:2] for fault in policy_file.check(path, ENVIRON).faults]
    first = (ABLE + TENANT + OFFBOARDING).count("\n") + 1
    assert found == [
        [str(first + line), f"tenants.acme.offboarding.on_delete{place}"]
        for line, place in [(2, "[2]"), (3, "[3].ownership"), (3, "[3]"), (4, "[4]"), (4, "[5]")]
    ]


@pytest.mark.parametrize("key", KEYS.values())
def test_every_recipe_is_judged(key: str) -> None:
    assert offboarding_faults(f'{key} = ["lock", "lock"]') == [f"{key}[2]: lock stands twice."]


# --- What the portal can do ---


def test_a_recipe_that_disenrolls_needs_the_path_for_it() -> None:
    recipe = 'on_delete = ["hold 1h", "disenroll", "delete_user"]\non_hr_event = ["approve", "disenroll"]'
    sentence = (
        'the path of disenroll is not known; say disenroll = "WORD" in [portals.acme.paths], '
        "the word of the path in your portal's API pages."
    )
    assert offboarding_faults(recipe, PORTAL) == [f"on_delete[2]: {sentence}", f"on_hr_event[2]: {sentence}"]
    assert read(PORTAL + 'paths.disenroll = "disenroll"\n' + TENANT + OFFBOARDING + recipe).tenants["acme"].on_hr_event


@pytest.mark.parametrize(
    ("step", "passed_by"),
    [
        ('"wipe"', True),
        ('{step = "wipe", ownership = ["corporate", "personal"]}', True),
        ('{step = "wipe", ownership = ["unknown"]}', False),
        ('"disenroll"', False),
        ('{step = "reassign to 41", ownership = ["corporate"]}', True),
    ],
)
def test_without_the_field_of_ownership_no_step_is_for_known_ownership_only(step: str, passed_by: bool) -> None:
    portal = PORTAL + 'paths.disenroll = "disenroll"\n'
    recipe = f"on_delete = ['approve', {step}]"
    if passed_by:
        [fault] = offboarding_faults(recipe, portal)
        assert fault.startswith("on_delete[2]: every device is of unknown ownership, so ")
        assert 'say ownership = "FIELD" in [portals.acme.paths]' in fault
    else:
        assert read(portal + TENANT + OFFBOARDING + recipe).tenants["acme"].on_delete[1]
    assert read(ABLE + TENANT + OFFBOARDING + recipe).tenants["acme"].on_delete[1]


def test_a_tenant_without_a_portal_has_only_that_fault() -> None:
    text = PORTAL + TENANT.replace('"acme"', '"other"') + OFFBOARDING + 'on_delete = ["approve", "disenroll"]'
    assert [fault.split(": ")[0] for fault in faults(text)] == ["tenants.acme.portal"]
