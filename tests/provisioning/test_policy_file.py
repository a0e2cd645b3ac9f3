"""The policy file: what it may say, its defaults, and every fault named at once with its place."""

import base64
import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim_bridge import config
from scim_bridge.config import SettingsError
from scim_bridge.directory.model import Group
from scim_bridge.offboarding.instruction_faults import KINDS
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.provisioning import policy_file
from scim_bridge.provisioning.mapping import target_of
from scim_bridge.provisioning.policy import (
    ActionStatus,
    Attributes,
    Guard,
    Hooks,
    Paths,
    Policy,
    PortalPolicy,
    TenantPolicy,
    digest,
)
from scim_bridge.provisioning.rules import matching, reduced
from tests.provisioning.policies import ENVIRON, PORTAL, TENANT, faults, read

EXAMPLE = Path(__file__).parents[2] / "deploy" / "policy.example.toml"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _load(tmp_path: Path, content: bytes) -> Policy:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    return policy_file.load(config.read({**ENVIRON, "SCIM_BRIDGE_POLICY": str(path)}))


def test_the_example_is_a_policy() -> None:
    policy = policy_file.load(config.read({**ENVIRON, "SCIM_BRIDGE_POLICY": str(EXAMPLE)}))
    assert policy.portals["acme"].url == "https://acme.hexnodemdm.com/api/v1/"
    assert policy.portals["acme"].survey_every == timedelta(hours=6)
    tenant = policy.tenants["acme"]
    assert set(tenant.group_names.values()) == {"Sales North America", "UG_Contractors"}
    assert [rule.groupname for rule in tenant.rules] == ["Engineering", "Field staff"]
    assert tenant.exclusive == {"engineering", "ug_contractors"}
    assert not tenant.enforces


def test_the_example_shows_every_setting_and_the_limits_as_they_are_by_default() -> None:
    policy = policy_file.load(config.read({**ENVIRON, "SCIM_BRIDGE_POLICY": str(EXAMPLE)}))
    words = set(re.findall(r"\w+", EXAMPLE.read_text("utf-8")))
    shown = {
        field.name for kind in (PortalPolicy, Paths, ActionStatus, Guard, Hooks, Attributes) for field in fields(kind)
    }
    assert shown - {"api_key", "secrets"} <= words
    assert {f"on_{what}" for what in ("deactivate", "delete", "hr_event", "offboard", "scope_loss")} <= words
    assert {"lock_message", "lock_phone", "lock_pin", "unattended", "secrets_env", "secret_files", "devices"} <= words
    assert set(KINDS) <= words
    assert {"api_key_env", "api_key_file", "exclusive", "protected", "users", "when", "offboarding"} <= words
    assert policy.tenants["acme"].guard == Guard()


def test_the_example_is_a_policy_with_its_suggestions_too() -> None:
    secret = "whsec_" + base64.b64encode(bytes(24)).decode()
    suggested = re.sub(r"^#(?! )", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)
    policy = read(suggested, {**ENVIRON, "ACME_HR_SECRET": secret})
    assert policy.portals["acme"].paths.disenroll == "disenroll_devices"
    assert policy.portals["acme"].action_status is not None
    assert [step.kind for step in policy.tenants["acme"].on_hr_event][-2:] == ["wipe", "disenroll"]
    assert policy.tenants["acme"].hooks == Hooks((secret,))


def test_the_least_policy_has_every_default() -> None:
    policy = read(PORTAL + TENANT)
    assert policy.portals == {"acme": PortalPolicy("acme", "https://acme.hexnodemdm.com/api/v1/", "k")}
    assert policy.tenants == {"acme": TenantPolicy("acme", "acme")}


def test_everything_that_is_said_is_kept() -> None:
    limits = "calls_per_minute = 20\nprotect_reserve = 4\ncalls_per_device_per_day = 5\ncalls_per_day_minimum = 50\n"
    others = 'page_size = 250\nsurvey_every = "30m"\nadopt_groups = true\n'
    offboarding = 'on_deactivate = ["lock"]\non_delete = []\nlock_message = "Call IT"\nlock_phone = "1"\n'
    policy = read(
        f'{PORTAL}{limits}{others}{TENANT}mode = "observe"\n[tenants.acme.scope]\ngroups = ["UG_*"]\n'
        f'[tenants.acme.groups."A"]\nhexnode_group = "B"\n[tenants.acme.offboarding]\n{offboarding}'
    )
    url = "https://acme.hexnodemdm.com/api/v1/"
    assert policy.portals["acme"] == PortalPolicy("acme", url, "k", 20, 4, 5, 50, 250, timedelta(minutes=30), True)
    assert policy.tenants["acme"] == TenantPolicy(
        "acme", "acme", "observe", ("UG_*",), {"A": "B"}, recipe_of("lock"), (), lock_message="Call IT", lock_phone="1"
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "tenants:"),
        (PORTAL, "tenants:"),
        (PORTAL + TENANT + "[other]", "other: is not a setting"),
        ("portals = 1\n" + TENANT, "portals: must be a table."),
        ("tenants = []\n" + PORTAL, "tenants: must be a table."),
        (PORTAL + "[tenants]\nacme = 1", "tenants.acme: must be a table."),
        (PORTAL + '[tenants.acme]\nportal = "other"', "tenants.acme.portal:"),
        (PORTAL + "[tenants.acme]", "tenants.acme.portal:"),
        (PORTAL + '[tenants."Ac me"]\nportal = "acme"', 'tenants."Ac me": a name'),
        (PORTAL + TENANT + 'mode = "on"', "tenants.acme.mode:"),
        (PORTAL + TENANT + "mode = true", "tenants.acme.mode: must be a text."),
        (PORTAL + TENANT + "colour = 1", "tenants.acme.colour:"),
        (PORTAL + TENANT + "scope = 1", "tenants.acme.scope: must be a table."),
        (PORTAL + TENANT + 'scope.groups = "UG_*"', "tenants.acme.scope.groups: must be a list."),
        (PORTAL + TENANT + 'scope.groups = ["UG_*", 7]', "tenants.acme.scope.groups[2]: must be a text"),
        (PORTAL + TENANT + "groups.A = 1", "tenants.acme.groups.A: must be a table."),
        (PORTAL + TENANT + "[tenants.acme.groups.A]", "tenants.acme.groups.A.hexnode_group: is missing."),
        (PORTAL + TENANT + 'offboarding.on_delete = ["wip"]', "tenants.acme.offboarding.on_delete[1]:"),
        (PORTAL + TENANT + 'offboarding.on_delete = "lock"', "tenants.acme.offboarding.on_delete: must be a list."),
        (PORTAL + TENANT + "offboarding.lock_message = 1", "tenants.acme.offboarding.lock_message: must be a text."),
        (PORTAL + "calls_per_minute = 31\n" + TENANT, "portals.acme.calls_per_minute: must be from 1 to 30."),
        (PORTAL + "calls_per_minute = 0\n" + TENANT, "portals.acme.calls_per_minute: must be from 1 to 30."),
        (PORTAL + "calls_per_minute = true\n" + TENANT, "portals.acme.calls_per_minute: must be a whole number."),
        (PORTAL + "calls_per_minute = 20.0\n" + TENANT, "portals.acme.calls_per_minute: must be a whole number."),
        (PORTAL + "protect_reserve = 25\n" + TENANT, "portals.acme.protect_reserve: must be smaller"),
        (PORTAL + "calls_per_minute = 5\n" + TENANT, "portals.acme.protect_reserve: must be smaller"),
        (PORTAL + "page_size = 251\n" + TENANT, "portals.acme.page_size: must be from 1 to 250."),
        (PORTAL + "survey_every = 6\n" + TENANT, "portals.acme.survey_every: must be a text."),
        (PORTAL + 'survey_every = "often"\n' + TENANT, "portals.acme.survey_every: write a duration"),
        (PORTAL + 'survey_every = "0h"\n' + TENANT, "portals.acme.survey_every: write a duration"),
        (PORTAL + "adopt_groups = 1\n" + TENANT, "portals.acme.adopt_groups: must be a true or false."),
        (PORTAL.replace('"acme"', '"http://acme.test"') + TENANT, "portals.acme.url:"),
        (PORTAL.replace('url = "acme"', "") + TENANT, "portals.acme.url:"),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, place: str) -> None:
    named = faults(text)
    assert [fault for fault in named if fault.startswith(place)], named


@pytest.mark.parametrize("value", [1, 24])
def test_a_reserve_may_be_anything_below_the_minute(value: int) -> None:
    assert read(f"{PORTAL}protect_reserve = {value}\n{TENANT}").portals["acme"].protect_reserve == value


def test_one_mistake_is_one_fault() -> None:
    assert len(faults(PORTAL + TENANT + "colour = 1")) == 1
    assert len(faults(PORTAL + TENANT + 'scope.groups = ["UG_*", 7]')) == 1
    assert len(faults(PORTAL + TENANT + "guard.withdrawals_per_day = -1\nguard.withdrawals_per_hour = 200")) == 1
    assert len(faults(PORTAL + TENANT + 'rules = [{name = 1, when = "title pr", group = "A"}]')) == 1


def test_all_faults_are_named_at_once_and_always_in_one_order() -> None:
    text = (
        '[portals.acme]\nurl = "http://acme.test"\ncolour = 1\nshape = 2\n'
        '[portals.other]\nurl = "other"\napi_key_env = "NONE"\npage_size = 0\n'
        '[tenants.acme]\nportal = "none"\nmode = "on"\noffboarding.on_delete = ["wip", "lock", "lock"]\n'
    )
    places = [fault.split(": ")[0] for fault in faults(text)]
    assert places == [
        "portals.acme.colour",
        "portals.acme.shape",
        "portals.acme.url",
        "portals.acme",
        "portals.other.api_key_env",
        "portals.other.page_size",
        "tenants.acme.portal",
        "tenants.acme.mode",
        "tenants.acme.offboarding.on_delete[1]",
        "tenants.acme.offboarding.on_delete[3]",
    ]


def test_every_fault_of_a_file_has_its_line_and_they_stand_in_the_order_of_lines(tmp_path: Path) -> None:
    text = (
        '[tenants.acme]\nportal = "none"\n\n[[tenants.acme.rules]]\nname = "a"\nwhen = "title pr"\n'
        '[[tenants.acme.rules]]\nname = "b"\ngroup = "B"\nwhen = """\n\ntitle"""\n'
        '[tenants.acme.scope]\ngroups = [\n  "a",\n  7,\n]\n[portals.acme]\nurl = "acme"\n'
    )
    with pytest.raises(SettingsError) as raised:
        _load(tmp_path, text.encode())
    assert raised.value.faults == [
        f"{tmp_path}/policy.toml:{line}: {fault}"
        for line, fault in [
            (2, "tenants.acme.portal: must be one of the names under [portals]: acme."),
            (4, "tenants.acme.rules[1].group: is missing."),
            (10, "tenants.acme.rules[2].when: The filter is malformed."),
            (16, "tenants.acme.scope.groups[2]: must be a text that is not blank."),
            (18, "portals.acme: name the key's place with either api_key_env or api_key_file."),
        ]
    ]


def test_a_key_that_is_only_missing_here_is_told_apart_and_hides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(PORTAL + TENANT + '[portals.other]\nurl = "b"\napi_key_file = "no/such"\n')
    checked = policy_file.check(path, {})
    assert (checked.faults, list(checked.policy.tenants)) == ([], ["acme"])
    assert checked.not_set == [
        f"{path}:3: portals.acme.api_key_env: KEY is not set here.",
        f"{path}:8: portals.other.api_key_file: no API key is found here in no/such.",
    ]


def test_a_key_that_is_not_set_stops_the_start_after_what_is_wrong_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(PORTAL + TENANT + "colour = 1\n")
    with pytest.raises(SettingsError) as raised:
        policy_file.load(config.read({"SCIM_BRIDGE_POLICY": str(path)}))
    assert [fault.split(": ")[1] for fault in raised.value.faults] == [
        "tenants.acme.colour",
        "portals.acme.api_key_env",
    ]


def test_a_fault_repeats_nothing_that_moves_the_cursor() -> None:
    assert faults(PORTAL + TENANT + 'scope.groups = []\nexclusive = ["\\u001b[2J"]') == [
        'tenants.acme.exclusive[1]: no mapped group, rule or scope pattern fills a Hexnode group "?[2J".'
    ]


def test_a_key_comes_from_the_environment_without_its_line_end() -> None:
    assert read(PORTAL + TENANT, {"KEY": " secret\n"}).portals["acme"].api_key == "secret"


@pytest.mark.parametrize("environ", [{}, {"KEY": ""}, {"KEY": " \n"}])
def test_a_key_that_is_not_set_is_a_fault_of_its_own_kind(environ: dict[str, str]) -> None:
    assert faults(PORTAL + TENANT, environ) == ["portals.acme.api_key_env: KEY is not set here."]


@pytest.mark.parametrize("key", ["naïve", "two\nlines", "\x1b"])
def test_a_key_that_cannot_be_a_header_is_a_fault_that_does_not_show_it(key: str) -> None:
    [fault] = faults(PORTAL + TENANT, {"KEY": key})
    assert fault == "portals.acme.api_key_env: no usable API key is found in KEY."


def test_a_key_comes_from_the_first_line_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret\nsecond line\n")
    assert read(_with_file(tmp_path / "key")).portals["acme"].api_key == "secret"


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_key_file_without_a_key_is_a_fault(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    assert len(faults(_with_file(tmp_path / "key"))) == 1


@pytest.mark.parametrize("name", ["missing", "", "nul\\u0000"])
def test_a_key_file_that_cannot_be_read_is_a_fault(tmp_path: Path, name: str) -> None:
    assert faults(_with_file(tmp_path / name))[0].startswith("portals.acme.api_key_file: no API key is found here")


def test_a_key_has_exactly_one_place(tmp_path: Path) -> None:
    both = PORTAL + 'api_key_file = "key"\n' + TENANT
    neither = PORTAL.replace('api_key_env = "KEY"', "") + TENANT
    assert faults(both) == faults(neither) != []


def test_the_key_is_not_shown() -> None:
    assert "hush" not in repr(read(PORTAL + TENANT, {"KEY": "hush"}))


@pytest.mark.parametrize(
    "content", [b"[tenants", b"\xff\xfe", b'a = "\x01"', b"a = " + b"[" * 5_000, b"a = " + b"1" * 5_000]
)
def test_what_is_no_toml_is_one_fault_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SettingsError, match=r"policy\.toml cannot be read") as raised:
        _load(tmp_path, content)
    assert len(raised.value.faults) == 1


def test_a_fault_of_the_toml_has_its_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\(at line 2, column 8\)"):
        _load(tmp_path, b"a = 1\nportals\n")


def test_without_a_policy_there_is_one_tenant_on_the_portal_of_the_environment() -> None:
    environ = {"SCIM_BRIDGE_HEXNODE_URL": "http://127.0.0.1:9000", "SCIM_BRIDGE_HEXNODE_API_KEY": "k"}
    policy = policy_file.load(config.read(environ))
    assert policy.portals == {"default": PortalPolicy("default", "http://127.0.0.1:9000/api/v1/", "k")}
    assert policy.tenants == {"default": TenantPolicy("default", "default")}


def test_without_a_policy_the_missing_variables_are_both_named() -> None:
    with pytest.raises(SettingsError) as raised:
        policy_file.load(config.read({}))
    assert [fault.split()[0] for fault in raised.value.faults] == [
        "SCIM_BRIDGE_HEXNODE_URL",
        "SCIM_BRIDGE_HEXNODE_API_KEY",
    ]


# Whatever TOML can say, below the names that mean something, so that the reader goes deep.
WORDS = (
    "portals tenants acme url api_key_env api_key_file calls_per_minute protect_reserve page_size survey_every "
    "adopt_groups portal mode scope groups hexnode_group offboarding on_deactivate on_delete lock_message x "
    "exclusive rules name when group attributes store email phone protected users guard withdrawals_per_hour "
    "devices_per_day_percent paths wipe_options ownership corporate_words action_status done_words hr secrets_env "
    "urgent_per_day on_hr_event lock_pin unattended step platforms"
)
NAMES = st.sampled_from(WORDS.split()) | st.text(max_size=3)
TEXTS = st.sampled_from(
    [
        "acme",
        "KEY",
        "observe",
        "6h",
        "٣h",
        "lock",
        "UG_*",
        "",
        "\0",
        "wipe",
        "hold 1h",
        "/",
        "http://[",
        "a" * 300,
        "title pr",
        "minimal",
    ]
)
VALUES = TEXTS | st.text(max_size=5) | st.booleans() | st.integers() | st.floats() | st.datetimes() | st.none()
TABLES = st.recursive(
    VALUES, lambda part: st.lists(part, max_size=3) | st.dictionaries(NAMES, part, max_size=4), max_leaves=12
)
TENANTS = st.dictionaries(st.sampled_from(["acme", "x y"]), st.dictionaries(NAMES, TABLES, max_size=4) | TABLES)
CONTENTS = st.fixed_dictionaries({"portals": TENANTS | TABLES, "tenants": TENANTS | TABLES}) | st.dictionaries(
    NAMES, TABLES, max_size=3
)
OVER_WHOLE = st.dictionaries(NAMES, TABLES, max_size=3).map(
    lambda more: {
        "portals": {"acme": {"url": "acme", "api_key_env": "KEY"}},
        "tenants": {"acme": {**more, "portal": "acme"}},
    }
)


@settings(max_examples=400, deadline=None)
@given(CONTENTS | OVER_WHOLE)
def test_no_content_whatever_raises_anything_but_its_faults(content: dict[str, Any]) -> None:
    try:
        policy = policy_file.read(content, ENVIRON)
    except SettingsError as error:
        assert error.faults
        return
    for tenant in policy.tenants.values():  # what was accepted can be used
        target_of(tenant, Group(tenant.name, "g1", {"displayName": "Sales"}, 1, NOON, NOON))
        matching(tenant.rules, reduced({"userName": "ada"}, tenant))
        digest(tenant)


def _with_file(path: Path) -> str:
    return PORTAL.replace('api_key_env = "KEY"', f'api_key_file = "{path}"') + TENANT
