"""One step by itself: its word is known, its argument fits, and only a step about devices is narrowed."""

import pytest

from scim_bridge.offboarding.instruction_faults import FORMS, fault_of
from scim_bridge.offboarding.recipe import DEVICE_KINDS, Instruction, instruction


@pytest.mark.parametrize(
    "words",
    [
        "lock", "leave_groups", "scan", "approve", "disenroll", "wipe", "delete_user",
        "quarantine 1", "quarantine 2147483647",
        "reassign to it@acme.test", "reassign to 41", "reassign to O'Hara+it@acme.test",
        "notify https://acme.test", "notify https://acme.test:8443/a/b?c=d", "notify https://[::1]/a",
        "hold 1s", "hold 9999d",
    ],
)  # fmt: skip
def test_a_step_that_can_be_run_has_no_fault(words: str) -> None:
    assert fault_of(instruction(words)) is None


@pytest.mark.parametrize("words", ["", "Lock", "wip", "leave", "corporate_wipe", "wipe\n", "hold24h"])
def test_a_word_that_is_no_step_is_named_beside_all_that_are(words: str) -> None:
    fault = fault_of(Instruction(words))
    assert fault == f'"{words}" is no step; the steps are {", ".join(FORMS)}.'
    assert "quarantine POLICY" in fault


@pytest.mark.parametrize("kind", ["lock", "leave_groups", "scan", "approve", "disenroll", "wipe", "delete_user"])
def test_a_step_that_stands_alone_takes_nothing(kind: str) -> None:
    assert fault_of(instruction(f"{kind} now")) == f"{kind} stands alone, with nothing after it."


@pytest.mark.parametrize("policy", ["", "0", "-1", "017", "1.0", "kiosk", "1 2", "2147483648", "99999999999", "\u0661"])
def test_quarantine_takes_the_id_of_a_policy(policy: str) -> None:
    fault = fault_of(instruction(f"quarantine {policy}"))
    assert fault == 'quarantine takes the id of a Hexnode policy, such as "quarantine 17".'


@pytest.mark.parametrize(
    "user", ["", "it", "@acme.test", "it@", "a@b@c", "a b@acme.test", "0", "2147483648", "a\x00@b"]
)
def test_reassign_takes_an_address_or_an_id(user: str) -> None:
    fault = fault_of(instruction(f"reassign to {user}"))
    assert fault is not None
    assert fault.startswith("reassign takes who gets the devices")


@pytest.mark.parametrize(
    "url",
    [
        "", "acme.test", "http://acme.test", "ftp://acme.test", "https://", "https:///a", "https://me:hush@acme.test",
        "https://me@acme.test", "https://@acme.test", "https://acme.test:port/", "https://acme.test:70000/",
        "https://acme.test:0", "https://[::1/", "https://acme.test/a b", "https://acme.test/\x00", "https://äcme.test",
        "https://acme.test\\.other.test", "HTTPS//acme.test",
    ],
)  # fmt: skip
def test_notify_takes_an_https_address_and_never_shows_it(url: str) -> None:
    assert fault_of(instruction(f"notify {url}")) == (
        "notify takes an https:// address without a user name or password in it."
    )


@pytest.mark.parametrize("duration", ["", "0h", "24", "1h 30m", "10000d", "soon"])
def test_hold_takes_a_duration(duration: str) -> None:
    assert fault_of(instruction(f"hold {duration}")) == (
        'hold takes how long: write a duration such as "30m", "24h" or "7d".'
    )


@pytest.mark.parametrize("kind", DEVICE_KINDS)
def test_a_step_about_devices_may_be_for_some_of_them(kind: str) -> None:
    argument = "41" if kind == "reassign" else ""
    assert fault_of(Instruction(kind, argument, ("personal",), ("ios",))) is None


@pytest.mark.parametrize(
    "words", ["lock", "quarantine 17", "leave_groups", "scan", "hold 1h", "approve", "delete_user"]
)
@pytest.mark.parametrize("narrowed", [{"ownership": ("corporate",)}, {"platforms": ("ios",)}])
def test_another_step_may_not(words: str, narrowed: dict[str, tuple[str, ...]]) -> None:
    step = instruction(words)
    fault = fault_of(Instruction(step.kind, step.argument, **narrowed))
    assert fault is not None
    assert fault.startswith(f"{step.kind} cannot be narrowed")
