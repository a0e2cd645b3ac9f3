"""One simulation from its seed: a company is sent to the bridge, lives for some days under all weathers, and is left
alone until nothing moves; then it is judged."""

from collections import Counter
from datetime import timedelta
from random import Random

from sqlalchemy import Engine

from tests.simulation import verdict
from tests.simulation.life import new_person
from tests.simulation.story import Result, Story
from tests.simulation.timeline import outages, timeline
from tests.simulation.unfindable import unfindable
from tests.simulation.waste import Waste
from tests.simulation.world import World, world

QUIET = timedelta(hours=2)
# How long after the last deed Hexnode may still differ, beside some surveys: outages have eaten days' allowances.
PATIENCE = timedelta(days=2)
SURVEYS = 3


def play(engine: Engine, story: Story) -> Result:
    """Play the story on a migrated, empty database."""
    made = _new_world(engine, story)
    for moment, deed in timeline(made, story):
        made.drive(moment - made.clock())
        made.person_looks()
        deed()
    made.weather.clear()
    ended = made.clock()
    _drain(made)
    drained_after = made.clock() - ended
    made.drive(made.survey_every * 1.5)  # everything is read once more, and nothing may come of it
    return _result(made, story, drained_after)


def _new_world(engine: Engine, story: Story) -> World:
    shape = Random(story.seed)
    tenants = ("acme",) if shape.random() < 0.5 else ("acme", "beta")
    every, page = (shape.choice((96, 144)), shape.choice((5, 20, 100))) if story.is_small else (24, 250)
    made = world(engine, story.seed, tenants, survey_every=timedelta(hours=every), page_size=page)
    made.life.new_hires = [new_person(made.life.dice, shape.choice(tenants), n + 1) for n in range(story.people)]
    made.console.furnish(made.life.new_hires)
    made.weather.rate, made.weather.outages = story.rate, outages(shape, made.clock(), story.days)
    made.processes_start()
    return made


def _drain(made: World) -> None:
    """Time passes until nothing differs, or patience ends."""
    end = made.clock() + PATIENCE + SURVEYS * made.survey_every
    while _differences(made) and made.clock() < end:
        made.drive(QUIET)
        made.person_looks()


def _result(made: World, story: Story, drained_after: timedelta) -> Result:
    ledger, sent = made.portal.ledger.since(), made.wire.sent
    waste = Waste(ledger)
    wrong = [
        *_differences(made),
        *verdict.broken_limits([call.at for call in sent], *made.limits()),
        *(f"wasted: {each}" for each in (*waste.found(sent), *waste.too_many_locks(_left(made)))),
    ]
    told = tuple((call["at"], f"{call['method']} {call['path']}", str(call["body"])) for call in ledger["calls"])
    return Result(
        story, len(sent), len(made.weather.met), made.crashes, made.released, drained_after, tuple(wrong), told
    )


def _differences(made: World) -> list[str]:
    lost = unfindable(made.portal.ledger.since(), made.wire.sent)
    return verdict.differences(made.company, made.console, lost)


def _left(made: World) -> Counter[int]:
    """How often the person of each Hexnode user has left."""
    owners = {address: person for person in made.company.people.values() for address in person.addresses}
    users = made.portal.users.values()
    return Counter({user.id: owners[str(user.email)].left for user in users if str(user.email) in owners})
