"""A bridge whose idle driver looks seldom: where nothing depends on the seconds, a journey then takes half the time."""

from functools import partial

from tests.bridge import Bridge


def looking_seldom(built: Bridge) -> Bridge:
    """The same bridge; each `deliver` of it looks every 40 simulated seconds while nothing happens."""
    built.deliver = partial(built.deliver, every=40)  # type: ignore[method-assign]
    return built
