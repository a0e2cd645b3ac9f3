"""Playing many sequences: rounds of a few, each with a seed of its own that repeats it."""

from collections.abc import Iterator

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import playing_in
from tests.model.world import World

# Hypothesis makes ten examples of their own; what comes after is mostly one of them with a part repeated, and finds
# far less here.
ROUND = 10


def rounds(sequences: int, first: int) -> Iterator[tuple[int, int]]:
    """(seed, number of sequences) of each round."""
    return ((first + begin // ROUND, min(ROUND, sequences - begin)) for begin in range(0, sequences, ROUND))


def play(world: World, number: int, sequences: int, steps: int) -> None:
    """The sequences of one seed. Raises AssertionError at a divergence, with the shortest sequence that shows it."""
    machine = seed(number)(playing_in(world))
    run_state_machine_as_test(machine, settings=_settings(sequences, steps))


def _settings(sequences: int, steps: int) -> settings:
    return settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
