"""People found otherwise than by their id: several at once, page by page, by any name."""

import pytest
from sqlalchemy import Connection, Engine

from scim_bridge.db.engine import writing
from scim_bridge.directory import people, users
from tests.clock import SteppedClock
from tests.directory.people import crowd, new_user
from tests.plans import analyze, plans_of, reads_too_much


@pytest.fixture
def ada(engine: Engine, clock: SteppedClock) -> str:
    with writing(engine) as connection:
        new_user(connection, clock(), "eve", emails=[{"value": "eve@acme.test"}, {"value": "ada"}])
        return new_user(connection, clock(), "Ada", externalId="X1", emails=[{"value": "Ada@acme.test"}]).id


def _named(connection: Connection, text: str) -> list[str]:
    return sorted(user.document["userName"] for user in people.named(connection, "acme", text))


@pytest.mark.parametrize("text", ["ada", "ADA", "X1", "ada@ACME.test"])
def test_any_name_finds_the_person_and_a_user_name_only_its_own(engine: Engine, ada: str, text: str) -> None:
    with writing(engine) as connection:
        assert _named(connection, text) == ["Ada"]


@pytest.mark.parametrize("text", ["x1", "acme.test", "", "nobody"])
def test_what_is_no_name_finds_nobody(engine: Engine, ada: str, text: str) -> None:
    with writing(engine) as connection:
        assert _named(connection, text) == []


def test_an_address_of_two_finds_both(engine: Engine, ada: str, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        new_user(connection, clock(), "other", emails=[{"value": "ada@acme.test"}])
        assert _named(connection, "ada@acme.test") == ["Ada", "other"]


def test_a_deleted_person_is_found_by_id_alone(engine: Engine, ada: str, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        (user,) = people.with_ids(connection, "acme", [ada])
        users.remove(connection, user, clock())
        assert (_named(connection, ada), _named(connection, "X1")) == (["Ada"], [])


def test_another_tenants_people_are_not_found(engine: Engine, ada: str) -> None:
    with writing(engine) as connection:
        assert people.named(connection, "other", ada) == []
        assert people.with_ids(connection, "other", [ada]) == []
        assert people.ids_after(connection, "other", "", 10) == []


def test_page_by_page_everybody_comes_once(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        crowd(connection, clock(), 30)
        first = people.ids_after(connection, "acme", "", 10)
        rest = people.ids_after(connection, "acme", first[-1], 25)
        assert first + rest == [f"{number:05}" for number in range(30)]
        assert len(people.with_ids(connection, "acme", [*first, "nobody"])) == 10


def test_each_look_is_led_by_an_index(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        crowd(connection, clock(), 3_000)
    analyze(engine)
    for work in (
        lambda connection: people.named(connection, "acme", "00011@acme.test"),
        lambda connection: people.with_ids(connection, "acme", ["00011"]),
        lambda connection: people.ids_after(connection, "acme", "00011", 10),
    ):
        for plan in plans_of(engine, work):
            assert not reads_too_much(plan), plan
