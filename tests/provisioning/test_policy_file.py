"""The policy file: what it may say, its defaults, and every fault named at once with its place."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim_bridge import config
from scim_bridge.config import SettingsError
from scim_bridge.directory.model import Group
from scim_bridge.provisioning import policy_file
from scim_bridge.provisioning.mapping import target_of
from scim_bridge.provisioning.policy import Policy, PortalPolicy, TenantPolicy

EXAMPLE = Path(__file__).parents[2] / "deploy" / "policy.example.toml"
ENVIRON = {"KEY": "k", "ACME_HEXNODE_API_KEY": "k"}
PORTAL = '[portals.acme]\nurl = "acme"\napi_key_env = "KEY"\n'
TENANT = '[tenants.acme]\nportal = "acme"\n'
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _read(text: str, environ: Mapping[str, str] = ENVIRON) -> Policy:
    return policy_file.read(tomllib.loads(text), environ)


def _faults(text: str, environ: Mapping[str, str] = ENVIRON) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        _read(text, environ)
    return raised.value.faults


def _load(tmp_path: Path, content: bytes) -> Policy:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    return policy_file.load(config.read({**ENVIRON, "SCIM_BRIDGE_POLICY": str(path)}))


def test_the_example_is_a_policy() -> None:
    policy = policy_file.load(config.read({**ENVIRON, "SCIM_BRIDGE_POLICY": str(EXAMPLE)}))
    assert policy.portals["acme"].url == "https://acme.hexnodemdm.com/api/v1/"
    assert policy.portals["acme"].survey_every == timedelta(hours=6)
    assert policy.tenants["acme"].group_names == {"UG_Sales_NA": "Sales North America"}
    assert not policy.tenants["acme"].enforces


def test_the_least_policy_has_every_default() -> None:
    policy = _read(PORTAL + TENANT)
    assert policy.portals == {"acme": PortalPolicy("acme", "https://acme.hexnodemdm.com/api/v1/", "k")}
    assert policy.tenants == {"acme": TenantPolicy("acme", "acme")}


def test_everything_that_is_said_is_kept() -> None:
    limits = "calls_per_minute = 20\nprotect_reserve = 4\ncalls_per_device_per_day = 5\ncalls_per_day_minimum = 50\n"
    others = 'page_size = 250\nsurvey_every = "30m"\nadopt_groups = true\n'
    offboarding = 'on_deactivate = ["lock"]\non_delete = []\nlock_message = "Call IT"\nlock_phone = "1"\n'
    policy = _read(
        f'{PORTAL}{limits}{others}{TENANT}mode = "observe"\n[tenants.acme.scope]\ngroups = ["UG_*"]\n'
        f'[tenants.acme.groups."A"]\nhexnode_group = "B"\n[tenants.acme.offboarding]\n{offboarding}'
    )
    url = "https://acme.hexnodemdm.com/api/v1/"
    assert policy.portals["acme"] == PortalPolicy("acme", url, "k", 20, 4, 5, 50, 250, timedelta(minutes=30), True)
    assert policy.tenants["acme"] == TenantPolicy(
        "acme", "acme", "observe", ("UG_*",), {"A": "B"}, ("lock",), (), "Call IT", "1"
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "tenants:"),
        (PORTAL, "tenants:"),
        (PORTAL + TENANT + "[other]", "policy.other:"),
        ("portals = 1\n" + TENANT, "policy.portals: must be a table."),
        ("tenants = []\n" + PORTAL, "policy.tenants: must be a table."),
        (PORTAL + "[tenants]\nacme = 1", "tenants.acme: must be a table."),
        (PORTAL + '[tenants.acme]\nportal = "other"', "tenants.acme.portal:"),
        (PORTAL + "[tenants.acme]", "tenants.acme.portal:"),
        (PORTAL + '[tenants."Ac me"]\nportal = "acme"', "tenants.Ac me: a name"),
        (PORTAL + TENANT + 'mode = "on"', "tenants.acme.mode:"),
        (PORTAL + TENANT + "mode = true", "tenants.acme.mode: must be a text."),
        (PORTAL + TENANT + "colour = 1", "tenants.acme.colour:"),
        (PORTAL + TENANT + "scope = 1", "tenants.acme.scope: must be a table."),
        (PORTAL + TENANT + 'scope.groups = "UG_*"', "tenants.acme.scope.groups: must be a list."),
        (PORTAL + TENANT + 'scope.groups = ["UG_*", 7]', "tenants.acme.scope.groups: must hold texts only."),
        (PORTAL + TENANT + "groups.A = 1", "tenants.acme.groups.A: must be a table."),
        (PORTAL + TENANT + "[tenants.acme.groups.A]", "tenants.acme.groups.A.hexnode_group: is missing."),
        (PORTAL + TENANT + 'offboarding.on_delete = ["wipe"]', "tenants.acme.offboarding.on_delete:"),
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
    faults = _faults(text)
    assert [fault for fault in faults if fault.startswith(place)], faults


@pytest.mark.parametrize("value", [1, 24])
def test_a_reserve_may_be_anything_below_the_minute(value: int) -> None:
    assert _read(f"{PORTAL}protect_reserve = {value}\n{TENANT}").portals["acme"].protect_reserve == value


def test_one_mistake_is_one_fault() -> None:
    assert len(_faults(PORTAL + TENANT + "colour = 1")) == 1
    assert len(_faults(PORTAL + TENANT + 'scope.groups = ["UG_*", 7, 8]')) == 1


def test_all_faults_are_named_at_once_and_always_in_one_order() -> None:
    text = (
        '[portals.acme]\nurl = "http://acme.test"\ncolour = 1\nshape = 2\n'
        '[portals.other]\nurl = "other"\napi_key_env = "NONE"\npage_size = 0\n'
        '[tenants.acme]\nportal = "none"\nmode = "on"\noffboarding.on_delete = ["wipe", "lock", "lock"]\n'
    )
    places = [fault.split(": ")[0] for fault in _faults(text)]
    assert places == [
        "portals.acme.colour",
        "portals.acme.shape",
        "portals.acme.url",
        "portals.acme",
        "portals.other.api_key_env",
        "portals.other.page_size",
        "tenants.acme.portal",
        "tenants.acme.mode",
        "tenants.acme.offboarding.on_delete",
        "tenants.acme.offboarding.on_delete",
    ]


def test_a_key_comes_from_the_environment_without_its_line_end() -> None:
    assert _read(PORTAL + TENANT, {"KEY": " secret\n"}).portals["acme"].api_key == "secret"


@pytest.mark.parametrize("key", [None, "", "  ", "naïve", "two\nlines"])
def test_a_key_that_cannot_be_a_header_is_a_fault_that_does_not_show_it(key: str | None) -> None:
    [fault] = _faults(PORTAL + TENANT, {} if key is None else {"KEY": key})
    assert fault == "portals.acme.api_key_env: no usable API key is found in KEY."


def test_a_key_comes_from_the_first_line_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret\nsecond line\n")
    assert _read(_with_file(tmp_path / "key")).portals["acme"].api_key == "secret"


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_key_file_without_a_key_is_a_fault(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    assert len(_faults(_with_file(tmp_path / "key"))) == 1


@pytest.mark.parametrize("name", ["missing", "", "nul\\u0000"])
def test_a_key_file_that_cannot_be_read_is_a_fault(tmp_path: Path, name: str) -> None:
    assert _faults(_with_file(tmp_path / name))[0].startswith("portals.acme.api_key_file: no usable API key")


def test_a_key_has_exactly_one_place(tmp_path: Path) -> None:
    both = PORTAL + 'api_key_file = "key"\n' + TENANT
    neither = PORTAL.replace('api_key_env = "KEY"', "") + TENANT
    assert _faults(both) == _faults(neither) != []


def test_the_key_is_not_shown() -> None:
    assert "hush" not in repr(_read(PORTAL + TENANT, {"KEY": "hush"}))


@pytest.mark.parametrize("content", [b"[tenants", b"\xff\xfe", b'a = "\x01"', b"a = " + b"[" * 5_000])
def test_what_is_no_toml_is_one_fault_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SettingsError, match=r"policy\.toml cannot be read"):
        _load(tmp_path, content)


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
    "adopt_groups portal mode scope groups hexnode_group offboarding on_deactivate on_delete lock_message x"
)
NAMES = st.sampled_from(WORDS.split()) | st.text(max_size=3)
TEXTS = st.sampled_from(["acme", "KEY", "observe", "6h", "٣h", "lock", "UG_*", "", "\0", "/", "http://[", "a" * 300])
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


def _with_file(path: Path) -> str:
    return PORTAL.replace('api_key_env = "KEY"', f'api_key_file = "{path}"') + TENANT
