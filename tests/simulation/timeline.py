"""What happens when, by dice: the first day everybody is sent, then deeds of the company and of people in the console
come in bursts, and Hexnode is away now and then."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from tests.simulation.story import Story
from tests.simulation.weather import Outage, Trouble
from tests.simulation.world import World

Moments = list[tuple[datetime, Callable[[], object]]]
# How far apart the deeds of one burst are: mostly at once, as IdPs send them, at times over a quarter of an hour.
PACES = (timedelta(0), timedelta(0), timedelta(0), timedelta(minutes=15))
DAYS_A_BURST, DAYS_AN_OUTAGE = 3, 7
OUTAGES = (Trouble.REFUSED, Trouble.BAD_GATEWAY, Trouble.LOST, Trouble.THROTTLED, Trouble.KEY_REFUSED)


def timeline(made: World, story: Story) -> Moments:
    """Each deed with its moment, in order; the last moment is the end of the story."""
    dice, life, start = made.life.dice, made.life, made.clock()
    first: Moments = [(start, life.team_is_made)] * max(3, story.people // 40) + [(start, life.joins)] * story.people
    deeds, bursts = _deeds(made), max(1, round(story.days * max(1 / DAYS_A_BURST, story.deeds / 10)))
    chosen = dice.choices(list(deeds), list(deeds.values()), k=round(story.days * story.deeds))
    began = [start + story.days * timedelta(days=1) * dice.uniform(0.02, 0.98) for _ in range(bursts)]
    moments = sorted(dice.choice(began) + dice.choice(PACES) * dice.random() for _ in chosen)
    return [*first, *zip(moments, chosen, strict=True), (start + timedelta(days=story.days), lambda: None)]


def outages(dice: Random, start: datetime, days: int) -> tuple[Outage, ...]:
    """About one a week."""
    return tuple(_outage(dice, start + timedelta(days=dice.uniform(0, days))) for _ in range(days // DAYS_AN_OUTAGE))


def _deeds(made: World) -> dict[Callable[[], object], float]:
    """Each deed with how often it happens beside the others."""
    life, console = made.life, made.console
    return {
        life.joins: 10, life.moves: 15, life.leaves: 8, life.returns: 5, life.is_renamed: 6, life.gets_an_address: 4,
        life.gets_a_phone: 3, life.changes_department: 3, life.is_sent_again: 5, life.team_is_made: 3,
        life.team_is_renamed: 3, life.team_is_closed: 2, life.team_joins_a_team: 2, made.policy_is_changed: 1,
        console.renames_a_user: 3, console.deletes_a_user: 2, console.renames_a_group: 1, console.deletes_a_group: 1,
        console.removes_a_member: 3, console.adds_a_member: 3, console.spends: 3,
        lambda: console.enrolls_a_device(life.someones_address()): 4,
    }  # fmt: skip


def _outage(dice: Random, begins: datetime) -> Outage:
    return Outage(begins, begins + timedelta(minutes=dice.uniform(5, 240)), dice.choice(OUTAGES))
