"""SIGTERM and SIGINT noted instead of obeyed, so that a long-running command can end what it does first."""

from collections.abc import Callable
from signal import SIGINT, SIGTERM, signal

# How often a command looks whether it was told to end, in seconds.
LOOK_EVERY = 0.25


def told_to_end() -> Callable[[], bool]:
    """From now on note the signals; gives the question whether one came. For the main thread only."""
    received: list[int] = []
    for number in (SIGTERM, SIGINT):
        # Only noted: the handler runs inside the main thread, where Event.set would wait for ever for the lock that
        # the same thread may just be holding in Event.wait.
        signal(number, lambda number, _frame: received.append(number))
    return lambda: bool(received)
