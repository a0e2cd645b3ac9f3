"""The limits of a tenant's guard: numbers and shares, and an hour never above its day."""

from dataclasses import fields

import pytest

from scim_bridge.provisioning.policy import Guard
from tests.provisioning.policies import acme, acme_faults

COUNTED = ("withdrawals", "cases", "devices")
MOST = {"wipes_per_day": 100, "devices_per_person": 100}
WHOLE = [field.name for field in fields(Guard) if field.type is int or field.type == "int"]
DECIMAL = [field.name for field in fields(Guard) if field.name not in WHOLE]


def most(key: str) -> int:
    return 100 if key.endswith("_percent") else MOST.get(key, 1_000_000)


def test_only_shares_of_people_and_devices_may_be_decimals() -> None:
    assert [f"{what}_per_{span}_percent" for what in ("cases", "devices") for span in ("hour", "day")] == DECIMAL


@pytest.mark.parametrize("what", COUNTED)
@pytest.mark.parametrize("kind", ["", "_percent"])
def test_a_limit_may_be_anything_from_nothing_to_everything(what: str, kind: str) -> None:
    hour, day = f"{what}_per_hour{kind}", f"{what}_per_day{kind}"
    for value in (0, most(hour)):
        guard = acme(f"guard.{hour} = {value}\nguard.{day} = {value}").guard
        assert [getattr(guard, key) for key in (hour, day)] == [value, value]


@pytest.mark.parametrize("key", MOST)
def test_a_ceiling_may_be_anything_from_nothing_to_its_most(key: str) -> None:
    for value in (0, MOST[key]):
        assert getattr(acme(f"guard.{key} = {value}").guard, key) == value


@pytest.mark.parametrize("key", WHOLE)
def test_a_number_beyond_that_is_a_fault(key: str) -> None:
    for value in (-1, most(key) + 1):
        assert acme_faults(f"guard.{key} = {value}") == [f"guard.{key}: must be from 0 to {most(key)}."]
    assert acme_faults(f"guard.{key} = 5.5") == [f"guard.{key}: must be a whole number."]


@pytest.mark.parametrize("key", DECIMAL)
@pytest.mark.parametrize("value", ["-0.1", "100.1", "nan", "inf", "true", '"5"', "[]"])
def test_a_share_beyond_that_is_a_fault(key: str, value: str) -> None:
    assert acme_faults(f"guard.{key} = {value}") == [f"guard.{key}: must be a number from 0 to 100."]


@pytest.mark.parametrize("key", ["cases_per_hour_percent", "devices_per_hour_percent"])
@pytest.mark.parametrize("value", ["0.25", "0", "1.0"])
def test_a_share_may_be_a_part_of_a_percent(key: str, value: str) -> None:
    assert getattr(acme(f"guard.{key} = {value}").guard, key) == float(value)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("withdrawals_per_hour = 150", None),
        (
            "withdrawals_per_hour = 151",
            "withdrawals_per_hour: must not be more than withdrawals_per_day, which is 150.",
        ),
        ("withdrawals_per_day = 50", None),
        ("withdrawals_per_day = 49", "withdrawals_per_hour: must not be more than withdrawals_per_day, which is 49."),
        (
            "withdrawals_per_day_percent = 9",
            "withdrawals_per_hour_percent: must not be more than withdrawals_per_day_percent, which is 9.",
        ),
        ("cases_per_hour = 30", None),
        ("cases_per_hour = 31", "cases_per_hour: must not be more than cases_per_day, which is 30."),
        ("devices_per_day = 5", None),
        ("devices_per_day = 4", "devices_per_hour: must not be more than devices_per_day, which is 4."),
        ("devices_per_hour_percent = 2", None),
        (
            "devices_per_hour_percent = 2.1",
            "devices_per_hour_percent: must not be more than devices_per_day_percent, which is 2.",
        ),
    ],
)
def test_an_hour_may_not_have_more_than_the_day(said: str, fault: str | None) -> None:
    if fault is None:
        acme(f"guard.{said}")
    else:
        assert acme_faults(f"guard.{said}") == [f"guard.{fault}"]


def test_a_faulty_day_is_not_compared_with_its_hour() -> None:
    assert len(acme_faults("guard.devices_per_hour = 200\nguard.devices_per_day = -1")) == 1
    assert len(acme_faults("guard.cases_per_hour_percent = 20\nguard.cases_per_day_percent = 101")) == 1
