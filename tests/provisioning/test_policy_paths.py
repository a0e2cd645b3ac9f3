"""The words of a portal that Hexnode's pages do not give: nothing is guessed, and nothing is taken for two things."""

from typing import Any

import pytest

from scim_bridge.provisioning.policy import ActionStatus, Paths, PortalPolicy
from tests.provisioning.policies import PORTAL, TENANT, faults, read

PATHS = "[portals.acme.paths]\n"
STATUS = "[portals.acme.action_status]\n"


def portal(more: str) -> PortalPolicy:
    return read(PORTAL + more + "\n" + TENANT).portals["acme"]


def portal_faults(more: str) -> list[str]:
    found = faults(PORTAL + more + "\n" + TENANT)
    assert all(fault.startswith("portals.acme.") for fault in found), found
    return [fault.removeprefix("portals.acme.") for fault in found]


def test_without_a_word_nothing_is_guessed() -> None:
    paths = portal("").paths
    assert (paths.disenroll, paths.ownership, paths.wipe_options) == ("", "", {})
    assert portal("").action_status is None


def test_everything_that_is_said_of_paths_is_kept_its_words_in_small_letters() -> None:
    said = (
        'wipe = "wipe_devices"\ndisenroll = "disenroll"\nownership = "ownership_type"\n'
        'corporate_words = ["COPE", "Company Owned"]\npersonal_words = [" BYOD "]\n'
        'wipe_options = {iOS = {keep = true, list = [1, 1.5, {a = "b"}]}, "" = {pin = "1"}}'
    )
    assert portal(PATHS + said).paths == Paths(
        "wipe_devices",
        "disenroll",
        {"ios": {"keep": True, "list": [1, 1.5, {"a": "b"}]}, "": {"pin": "1"}},
        "ownership_type",
        ("cope", "company owned"),
        ("byod",),
    )


def test_everything_that_is_said_of_action_status_is_kept() -> None:
    said = (
        'action_field = "name"\nstatus_field = "state"\ntime_field = "at"\n'
        'done_words = ["Completed", "ok"]\nfailed_words = ["Error"]'
    )
    assert portal(STATUS + said).action_status == ActionStatus("name", "state", "at", ("completed", "ok"), ("error",))
    assert portal(STATUS).action_status == ActionStatus()


@pytest.mark.parametrize("key", ["wipe", "disenroll"])
@pytest.mark.parametrize(
    "word", ["", " ", "/wipe", "wipe/", "actions/wipe", "Wipe", "wipe-device", "..", "wipe?", "w\u00ed"]
)
def test_a_path_is_one_word_of_an_address(key: str, word: str) -> None:
    assert portal_faults(f'{PATHS}{key} = "{word}"') == [
        f"paths.{key}: must be one word of a path, made of a-z, 0-9 and _, without slashes."
    ]


@pytest.mark.parametrize("said", ['disenroll = "wipe_device"', 'wipe = "x"\ndisenroll = "x"'])
def test_to_disenroll_is_not_to_wipe(said: str) -> None:
    [fault] = portal_faults(PATHS + said)
    assert fault.startswith("paths.disenroll: is ")
    assert fault.endswith("the path of the wipe: it must be another.")


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ('corporate_words = ["company", "1"]', "1"),
        ('personal_words = ["Corporate"]', "corporate"),
        ('corporate_words = ["Owned"]\npersonal_words = ["OWNED"]', "owned"),
    ],
)
def test_no_word_is_both_corporate_and_personal(said: str, word: str) -> None:
    assert portal_faults(PATHS + said) == [
        f'paths.personal_words: "{word}" cannot mean both; say what the other words are, too.'
    ]


def test_no_word_is_both_done_and_failed() -> None:
    [fault] = portal_faults(STATUS + 'done_words = ["ok", "done"]\nfailed_words = ["OK"]')
    assert fault.startswith('action_status.failed_words: "ok" cannot mean both')


@pytest.mark.parametrize("target", ["users", "usergroups", "devices", "devicegroups", "device", "Users"])
def test_no_option_sends_a_wipe_to_others(target: str) -> None:
    assert portal_faults(f"{PATHS}wipe_options.ios.{target} = [1]") == [
        f"paths.wipe_options.ios.{target}: would send the wipe to other devices; leave it out."
    ]


@pytest.mark.parametrize("value", ["nan", "-inf", "1979-05-27", "07:32:00", "[[inf]]", "{a = 1979-05-27T07:32:00Z}"])
def test_an_option_can_be_said_in_json(value: str) -> None:
    assert portal_faults(f"{PATHS}wipe_options.ios.pin = {value}") == [
        "paths.wipe_options.ios.pin: cannot be said in JSON."
    ]


def test_an_option_of_any_depth_is_a_fault_and_no_crash() -> None:
    deep = "[" * 60 + "]" * 60
    assert portal_faults(f"{PATHS}wipe_options.ios.pin = {deep}") == [
        "paths.wipe_options.ios.pin: cannot be said in JSON."
    ]


def test_a_platform_has_its_options_once() -> None:
    [fault] = portal_faults(f"{PATHS}wipe_options.iOS.a = 1\nwipe_options.ios.b = 1")
    assert fault == "paths.wipe_options.ios: stands twice, in other letters."


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (PATHS + "colour = 1", "paths.colour: is not a setting"),
        (PATHS + "wipe = 1", "paths.wipe: must be a text."),
        (PATHS + "wipe_options = 1", "paths.wipe_options: must be a table."),
        (PATHS + "wipe_options.ios = 1", "paths.wipe_options.ios: must be a table."),
        (PATHS + 'ownership = " "', "paths.ownership: must be the name of a field."),
        (PATHS + "corporate_words = [2]", "paths.corporate_words[1]: must be a text that is not blank."),
        (STATUS + 'status_field = ""', "action_status.status_field: must be the name of a field."),
        (STATUS + "done_words = ['']", "action_status.done_words[1]: must be a text that is not blank."),
        (STATUS + "fields = 1", "action_status.fields: is not a setting"),
        ("paths = 1", "paths: must be a table."),
        ("action_status = []", "action_status: must be a table."),
    ],
)
def test_a_fault_is_named_with_its_place(said: str, fault: str) -> None:
    [found] = portal_faults(said)
    assert found.startswith(fault)


def test_a_portal_without_a_key_here_still_has_its_paths(tmp_path: Any) -> None:
    recipe = 'offboarding.on_delete = ["hold 1h", "disenroll"]'
    with_path = faults(PORTAL + PATHS + 'disenroll = "disenroll"\n' + TENANT + recipe, {})
    assert with_path == ["portals.acme.api_key_env: KEY is not set here."]
    assert [fault.split(": ")[0] for fault in faults(PORTAL + TENANT + recipe, {})] == [
        "portals.acme.api_key_env",
        "tenants.acme.offboarding.on_delete[2]",
    ]
