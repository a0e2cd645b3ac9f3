"""The HR webhook of a tenant: its secrets are only named in the file, and one can follow another."""

import base64
from pathlib import Path

import pytest

from scim_bridge.provisioning import policy_file
from scim_bridge.provisioning.policy import Hooks
from tests.provisioning.policies import ENVIRON, PORTAL, TENANT, faults, read

HR = "[tenants.acme.hr]\n"


def secret(length: int, sign: bytes = b"a") -> str:
    return "whsec_" + base64.b64encode(sign * length).decode()


OLD, NEW = secret(24), secret(32, b"\xfb")
SET = {**ENVIRON, "OLD": OLD, "NEW": f" {NEW}\n"}


def hooks(more: str) -> Hooks:
    return read(PORTAL + TENANT + HR + more, SET).tenants["acme"].hooks


def hook_faults(more: str, **environ: str) -> list[str]:
    return faults(PORTAL + TENANT + HR + more, {**SET, **environ})


def test_without_the_table_there_is_no_webhook() -> None:
    assert read(PORTAL + TENANT).tenants["acme"].hooks == Hooks()


def test_every_secret_that_is_named_is_good() -> None:
    assert hooks('secrets_env = ["NEW", "OLD"]\nurgent_per_day = 3') == Hooks((NEW, OLD), 3)


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{OLD}\nsecond line\n")
    assert hooks(f'secrets_env = ["NEW"]\nsecret_files = ["{tmp_path}/secret"]').secrets == (NEW, OLD)


@pytest.mark.parametrize("length", [24, 64])
def test_a_secret_has_at_least_24_and_at_most_64_bytes(length: int) -> None:
    text = PORTAL + TENANT + HR + 'secrets_env = ["S"]'
    assert read(text, {**SET, "S": secret(length)}).tenants["acme"].hooks.secrets == (secret(length),)


@pytest.mark.parametrize(
    "text", [secret(23), secret(65), OLD.removeprefix("whsec_"), "whsec_", "whsec_!" * 9, "whsec_é"]
)
def test_what_is_no_secret_is_a_fault_that_does_not_show_it(text: str) -> None:
    [fault] = hook_faults('secrets_env = ["OLD", "S"]', S=text)
    assert fault.startswith("tenants.acme.hr.secrets_env[2]: what is found in S is no secret: ")
    assert text.removeprefix("whsec_") in ("", "é") or text not in fault


@pytest.mark.parametrize("more", ["", "urgent_per_day = 3", "secrets_env = []", "secrets_env = []\nsecret_files = []"])
def test_a_webhook_has_a_secret(more: str) -> None:
    assert hook_faults(more) == ["tenants.acme.hr: name the places of its secrets with secrets_env or secret_files."]


def test_a_secret_that_is_only_missing_here_is_told_apart_and_hides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(PORTAL + TENANT + HR + 'secrets_env = [\n"OLD",\n"NONE"]\nsecret_files = ["no/such"]\n')
    checked = policy_file.check(path, SET)
    assert checked.faults == []
    assert checked.policy.tenants["acme"].hooks.secrets == (OLD,)
    assert checked.not_set == [
        f"{path}:9: tenants.acme.hr.secrets_env[2]: NONE is not set here.",
        f"{path}:10: tenants.acme.hr.secret_files[1]: no secret is found here in no/such.",
    ]


@pytest.mark.parametrize("value", [0, 100])
def test_so_many_events_a_day_may_be_urgent(value: int) -> None:
    assert hooks(f'secrets_env = ["OLD"]\nurgent_per_day = {value}').urgent_per_day == value


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("urgent_per_day = -1", "urgent_per_day: must be from 0 to 100."),
        ("urgent_per_day = 101", "urgent_per_day: must be from 0 to 100."),
        ("urgent_per_day = true", "urgent_per_day: must be a whole number."),
        ("secret_files = 1", "secret_files: must be a list."),
        ("secret_files = [7]", "secret_files[1]: must be a text that is not blank."),
        ('secret_files = [" "]', "secret_files[1]: must be a text that is not blank."),
        ("secret = 1", "secret: is not a setting; known here: secrets_env, secret_files, urgent_per_day."),
    ],
)
def test_a_fault_is_named_with_its_place(more: str, fault: str) -> None:
    assert hook_faults(f'secrets_env = ["OLD"]\n{more}') == [f"tenants.acme.hr.{fault}"]


def test_the_secrets_are_not_shown() -> None:
    assert OLD not in repr(read(PORTAL + TENANT + HR + 'secrets_env = ["OLD"]', SET))
