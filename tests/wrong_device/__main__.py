"""`python -m tests.wrong_device --examples N`: random plays until the first mistake, and what was sent and refused."""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import click
import structlog
from hypothesis import HealthCheck, Phase, given, seed, settings
from sqlalchemy import Engine, event, select

from scim_bridge.db import migrate
from scim_bridge.db.engine import connect, reading
from scim_bridge.offboarding.tables import device_actions
from tests.wrong_device.fleet import Example, examples
from tests.wrong_device.play import Play, play


class Tally:
    """What all plays together came to."""

    def __init__(self) -> None:
        self.plays = 0
        self.sent: Counter[str] = Counter()
        self.slips: list[timedelta] = []
        self.ages: list[timedelta] = []
        self.stopped: Counter[str] = Counter()

    def add(self, played: Play) -> None:
        """One more."""
        self.plays += 1
        self.sent += played.judge.sent
        self.slips += played.judge.slips
        self.ages += played.judge.ages
        with reading(played.made.engine) as connection:
            rows = connection.execute(
                select(device_actions.c.note).where(device_actions.c.state.in_(("refused", "cancelled")))
            )
            self.stopped.update(rows.scalars())

    def lines(self) -> Iterator[str]:
        """For people."""
        told = ", ".join(f"{kind} {number}" for kind, number in sorted(self.sent.items()))
        yield f"{self.plays} plays, sent: {told}; to a device that was not as planned when it was read: 0."
        oldest = max(self.ages, default=timedelta(0)).total_seconds()
        worst = max(self.slips, default=timedelta(0)).total_seconds()
        yield f"The oldest reading at a send was of {oldest:.1f} s before."
        yield f"The device became another one between its last reading and the send: {len(self.slips)} ({worst:.1f} s)."
        for sentence, number in self.stopped.most_common():
            yield f"{number:6}  {sentence}"


@click.command()
@click.option("--examples", "count", default=500, show_default=True, type=click.IntRange(1), help="How many plays.")
@click.option("--seed", "number", default=0, show_default=True, help="Another number gives other plays.")
def main(count: int, number: int) -> None:
    """Let fleets change between plan and send, and judge each call that destroys something."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    tally, began = Tally(), time.monotonic()
    with TemporaryDirectory(prefix="scim-bridge-wrong-device-") as folder:
        template = migrated(Path(folder))

        @seed(number)
        @settings(
            max_examples=count, deadline=None, database=None, phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck), print_blob=False, report_multiple_bugs=False,
        )  # fmt: skip
        @given(examples)
        def each(example: Example) -> None:
            with fresh(template) as engine:
                played = play(engine, example)
                found = list(played.faults())
                assert not found, "\n".join(found)
                tally.add(played)

        each()
    click.echo("\n".join(tally.lines()))
    click.echo(f"in {time.monotonic() - began:.0f} s")


def migrated(folder: Path) -> Path:
    """A migrated, empty SQLite file to copy."""
    engine = connect(f"sqlite:///{folder / 'template.db'}")
    migrate.upgrade(engine)
    engine.dispose()
    return folder / "template.db"


@contextmanager
def fresh(template: Path) -> Iterator[Engine]:
    """A database of its own, which need not outlive the machine."""
    file = template.with_name("play.db")
    copyfile(template, file)
    engine = connect(f"sqlite:///{file}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    try:
        yield engine
    finally:
        engine.dispose()
        for left in template.parent.glob("play.db*"):
            left.unlink()


if __name__ == "__main__":
    main()
