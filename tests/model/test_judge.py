"""The judge lets the truth pass, and sees it when the server is wrong."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.app import PATCH_URN, USER_URN
from tests.model import judge
from tests.model.duel import Duel, Write
from tests.model.world import World

# What is judged does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Document = dict[str, Any]
Lie = Callable[[str, Document], Document]

ANA = {"schemas": [USER_URN], "userName": "ana", "title": "Pilot", "emails": [{"value": "a@x.test", "type": "work"}]}


class Liar(World):
    """A world whose answers are changed before anybody sees them."""

    lie: Lie | None = None

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        answer = super().send(method, path, body, **headers)
        if self.lie and answer.data:
            answer.set_data(json.dumps(self.lie(method, judge.document_in(answer))))
        return answer


def every(change: Callable[[Document], Document]) -> Lie:
    """A lie about each resource of each list."""
    return lambda _, body: (
        {**body, "Resources": [change(one) for one in body["Resources"]]} if "Resources" in body else body
    )


def at_patch(**values: Any) -> Lie:
    """A lie in the answers to PATCH."""
    return lambda method, body: {**body, **values} if method == "PATCH" else body


def about_meta(**values: str) -> Lie:
    return every(lambda one: {**one, "meta": {**one["meta"], **values}})


LIES = {
    "an attribute in an answer": at_patch(title="Clerk"),
    "an attribute too many": at_patch(nickName="x"),
    "a status in an error": at_patch(status="401"),
    "a scimType": at_patch(scimType="invalidPath"),
    "an attribute in a list": every(lambda one: {**one, "title": "Clerk"}),
    "a version that never moves": about_meta(version='W/"1"'),
    "a moment that never moves": about_meta(lastModified="2026-03-02T09:00:01.000Z"),
    "a total": lambda _, body: {**body, "totalResults": 7} if "totalResults" in body else body,
    "a list without anybody": lambda _, body: {**body, "Resources": []} if "Resources" in body else body,
}


def play(world: World) -> None:
    """A create, a change, no change, and a refusal."""
    duel = Duel(world)
    duel.write(Write("POST", "User", body=ANA))
    for value in ("Rigger", "Rigger", 7):
        operation = {"op": "replace", "path": "title", "value": value}
        duel.write(Write("PATCH", "User", "<u0>", {"schemas": [PATCH_URN], "Operations": [operation]}))


def test_the_judge_lets_the_truth_pass(engine):
    play(Liar(engine))


@pytest.mark.parametrize("name", LIES)
def test_the_judge_sees_a_lie_about(engine, name):
    world = Liar(engine)
    world.lie = LIES[name]
    with pytest.raises(AssertionError):
        play(world)
