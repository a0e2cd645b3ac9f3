"""Everything that `openapi.yaml` says is true of the application, and no request that it forbids is taken."""

from typing import Any

import pytest

from tests.app import ScimClient
from tests.openapi.extent import Extent
from tests.openapi.run import Outcome, run, scim_json_alone

# The examples, and every single thing that a schema allows or forbids. A user's body is counted once, with POST: PUT
# and PATCH have the same attributes and would take twice as long as all the rest. The long run has them too.
COUNTED = Extent(("examples", "coverage"), spared=("PUT /scim/v2/Users/{id}", "PATCH /scim/v2/Users/{id}"))
# What is drawn at random, and sequences in which one request follows from another.
DRAWN = Extent(("fuzzing", "stateful"))
EXAMPLES_ALONE = Extent(("examples",))


def played(scim: ScimClient, description: dict[str, Any], extent: Extent) -> Outcome:
    return run(scim.app, scim.token, scim_json_alone(description), extent)


def successes(description: dict[str, Any]) -> set[tuple[str, int]]:
    """The successes of every operation that is described."""
    return {
        (f"{verb.upper()} {path}", int(status))
        for path, item in description["paths"].items()
        for verb, operation in item.items()
        if verb != "parameters"
        for status in operation["responses"]
        if status.startswith("2")
    }


def test_all_that_is_described_is_so(scim, description):
    outcome = played(scim, description, COUNTED)
    assert outcome.failures == []
    assert {outcome.phases[phase] for phase in COUNTED.phases} == {"success"}
    assert successes(description) - outcome.statuses.keys() == set()
    assert outcome.excused < outcome.requests / 20


def test_what_is_drawn_at_random_is_as_described(scim, description):
    outcome = played(scim, description, DRAWN)
    assert outcome.failures == []
    assert {outcome.phases[phase] for phase in DRAWN.phases} == {"success"}


# A description that is wrong would be found.


def requires_what_is_not_there(description):
    description["components"]["schemas"]["User"]["required"].append("nickName")


def forgets_an_attribute(description):
    del description["components"]["schemas"]["Meta"]["properties"]["version"]


def forgets_a_status(description):
    del description["paths"]["/scim/v2/Users"]["post"]["responses"]["201"]


def promises_a_header(description):
    description["components"]["responses"]["UserCreated"]["headers"]["Retry-After"] = {
        "$ref": "#/components/headers/Retry-After"
    }


def promises_another_type(description):
    content = description["components"]["responses"]["UserCreated"]["content"]
    content["application/json"] = content.pop("application/scim+json")


def offers_what_is_refused(description):
    description["components"]["schemas"]["Flag"]["anyOf"].append({"const": "maybe"})
    description["components"]["examples"]["OktaNewUser"]["value"]["active"] = "maybe"


@pytest.mark.parametrize(
    "lie",
    [
        requires_what_is_not_there,
        forgets_an_attribute,
        forgets_a_status,
        promises_a_header,
        promises_another_type,
        offers_what_is_refused,
    ],
)
def test_an_untrue_description_fails(scim, description, lie):
    lie(description)
    assert played(scim, description, EXAMPLES_ALONE).failures != []
