"""One run of schemathesis against the application in this process, and what came of it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis
import yaml
from flask import Flask
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

from tests.openapi import formats, limits
from tests.openapi.checks import AsksForAToken
from tests.openapi.extent import Extent, config

Description = dict[str, Any]


@dataclass
class Outcome:
    """What came of a run: how often each operation answered with which status, how each phase ended, what is wrong,
    and how often `limits` found that it is not."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    phases: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    excused: int = 0

    @property
    def requests(self) -> int:
        return self.statuses.total()


def described(app: Flask) -> Description:
    """The description as it is served."""
    loaded: Description = yaml.safe_load(app.test_client().get("/openapi.yaml").data)
    return loaded


def scim_json_alone(description: Description) -> Description:
    """Without the second media type of request bodies, which has the same schema and would double the work."""
    bodies = description["components"]["requestBodies"]
    halved = {name: {**body, "content": dict([*body["content"].items()][:1])} for name, body in bodies.items()}
    return {**description, "components": {**description["components"], "requestBodies": halved}}


def run(app: Flask, token: str, description: Description, extent: Extent) -> Outcome:
    """Try the application in all the ways that the description allows and forbids."""
    formats.register()
    schemathesis.check(AsksForAToken)
    schema = schemathesis.openapi.from_dict(description, config=config(extent, token))
    schema.app = app
    schema.hook("filter_failure")(lambda context, failure, case, response: limits.is_a_fault(failure, case, response))
    outcome = Outcome()
    with _settled():
        for event in from_schema(schema).execute():
            _note(event, outcome)
    return outcome


@contextmanager
def _settled() -> Iterator[None]:
    """This hook is there for all descriptions or for none."""
    hook = schemathesis.hook("before_call")(lambda context, case, kwargs: limits.settle(case))
    try:
        yield
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(hook)


def _note(event: events.EngineEvent, outcome: Outcome) -> None:
    match event:
        case events.ScenarioFinished():
            _note_scenario(event.recorder, outcome)
        case events.PhaseFinished():
            outcome.phases[event.phase.name.value] = event.status.value
        case events.NonFatalError():
            outcome.failures.append(f"{event.label}: {event.info.format()}")
        case events.FatalError():
            raise event.exception
        case events.EngineFinished():
            outcome.failures += map(str, event.failures)


def _note_scenario(recorder: ScenarioRecorder, outcome: Outcome) -> None:
    for key, interaction in recorder.interactions.items():
        if interaction.response is not None:
            outcome.statuses[recorder.cases[key].value.operation.label, interaction.response.status_code] += 1
    outcome.excused += sum(recorder.filtered_failures.values())
    outcome.failures += _told(recorder)


def _told(recorder: ScenarioRecorder) -> Iterator[str]:
    """Each failure with the request and the answer."""
    for key, checks in recorder.checks.items():
        response = recorder.interactions[key].response
        for check in checks:
            if check.failure_info is not None:
                failure, sent = check.failure_info.failure, check.failure_info.code_sample
                answer = "" if response is None else f"{response.status_code} {response.content[:400]!r}"
                yield f"{check.name}: {failure.title}\n{failure.message}\n{sent}\n{answer}"
