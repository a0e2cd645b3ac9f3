"""Whom the names that other systems have for people mean: one, nobody, or several."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from scim_bridge.db.engine import reading, writing
from scim_bridge.directory import finding, users
from tests.app import ENTERPRISE_URN
from tests.clock import SteppedClock
from tests.directory.people import crowd, new_group, new_user
from tests.plans import analyze, plans_of, reads_too_much


@pytest.fixture
def connection(engine: Engine, clock: SteppedClock) -> Iterator[Connection]:
    """A tenant of two people, who are called everything."""
    with writing(engine) as opened:
        new_user(
            opened, clock(), "Ada@Acme.test", externalId="X1",
            emails=[{"value": "ada@acme.test"}, {"value": "Countess@acme.test", "type": "home"}],
            **{ENTERPRISE_URN: {"employeeNumber": "00123a"}},
        )  # fmt: skip
        new_user(opened, clock(), "eve+lab", emails=[{"value": "eve@acme.test"}])
        yield opened


def found(connection: Connection, **identifiers: str) -> list[str]:
    return sorted(user.document["userName"] for user in finding.found(connection, "acme", identifiers))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "ADA@acme.test"),
        ("email", "countess@ACME.test"),
        ("userName", "ada@acme.TEST"),
        ("externalId", "X1"),
        ("employeeNumber", "00123A"),
    ],
)
def test_each_identifier_finds_its_person_in_the_letter_case_that_the_directory_ignores(
    connection: Connection, name: str, value: str
) -> None:
    assert found(connection, **{name: value}) == ["Ada@Acme.test"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "da@acme.test"),
        ("email", "eve+lab"),  # a userName that is no address
        ("userName", "countess@acme.test"),
        ("userName", "eve lab"),  # a search would take the blank for a plus sign
        ("externalId", "x1"),
        ("employeeNumber", "123a"),
        ("employeeNumber", "00123a\0"),
        ("userName", "\ud800"),
        ("externalId", ""),
    ],
)
def test_nothing_loose_is_a_match(connection: Connection, name: str, value: str) -> None:
    assert found(connection, **{name: value}) == []


def test_a_user_name_that_is_an_address_counts_as_one(connection: Connection, clock: SteppedClock) -> None:
    new_user(connection, clock(), "joan@acme.test")
    assert found(connection, email="Joan@acme.test") == ["joan@acme.test"]


def test_an_address_of_two_finds_both(connection: Connection, clock: SteppedClock) -> None:
    new_user(connection, clock(), "other", emails=[{"value": "ada@acme.test"}])
    assert found(connection, email="ada@acme.test") == ["Ada@Acme.test", "other"]


def test_all_identifiers_must_name_the_person(connection: Connection, clock: SteppedClock) -> None:
    new_user(connection, clock(), "other", emails=[{"value": "ada@acme.test"}])
    assert found(connection, email="ada@acme.test", externalId="X1") == ["Ada@Acme.test"]
    assert found(connection, email="eve@acme.test", externalId="X1") == ["Ada@Acme.test", "eve+lab"]
    assert found(connection, email="ada@acme.test", externalId="X2") == []
    assert found(connection) == []


def test_an_inactive_person_is_found_and_a_deleted_one_is_not(connection: Connection, clock: SteppedClock) -> None:
    user = new_user(connection, clock(), "joan", active=False)
    assert found(connection, userName="joan") == ["joan"]
    users.remove(connection, user, clock())
    assert found(connection, userName="joan") == []
    assert finding.found_by_any(connection, "acme", user.id) == []


def test_an_identifier_that_nobody_has_heard_of_is_a_fault(connection: Connection) -> None:
    with pytest.raises(ValueError, match="badge"):
        found(connection, badge="7")


def test_another_tenants_people_are_not_found(connection: Connection) -> None:
    assert finding.found(connection, "other", {"externalId": "X1"}) == []


@pytest.mark.parametrize("text", ["ada@acme.test", "COUNTESS@acme.test", "X1"])
def test_any_name_of_a_person_will_do(connection: Connection, text: str) -> None:
    (ada,) = finding.found_by_any(connection, "acme", text)
    assert ada.document["externalId"] == "X1"


def test_an_id_means_that_person_alone_and_any_other_name_everybody_who_has_it(
    connection: Connection, clock: SteppedClock
) -> None:
    (ada,) = finding.found(connection, "acme", {"externalId": "X1"})
    new_user(connection, clock(), "imposter", externalId=ada.id, emails=[{"value": "ada@acme.test"}])
    assert finding.found_by_any(connection, "acme", ada.id) == [ada]
    assert len(finding.found_by_any(connection, "acme", "ada@acme.test")) == 2
    assert finding.found_by_any(connection, "acme", "nobody\0") == []


def test_a_group_is_found_by_its_name(connection: Connection, clock: SteppedClock) -> None:
    crew = new_group(connection, clock(), "Summer Crew")
    assert finding.group(connection, "acme", "summer crew") == crew
    assert finding.group(connection, "acme", "summer") is None


def test_each_look_is_led_by_an_index(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        crowd(connection, clock(), 3_000)
    analyze(engine)
    wanted = {"email": "00011@acme.test", "userName": "user+00011", "externalId": "e00011"}
    with reading(engine) as connection:
        assert len(finding.found(connection, "acme", wanted)) == 1
    for plan in (
        *plans_of(engine, lambda connection: finding.found(connection, "acme", wanted)),
        *plans_of(engine, lambda connection: finding.found_by_any(connection, "acme", "00011@acme.test")),
    ):
        assert not reads_too_much(plan), plan
