"""Use cases that met another one: PostgreSQL ends one of two transactions that wait for each other, and that one is
simply done again."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from scim_bridge.db.engine import was_victim

Outcome = TypeVar("Outcome")

# Each time one of the two goes on, so a second attempt nearly always succeeds.
ATTEMPTS = 4


def attempted(use_case: Callable[[], Outcome]) -> Outcome:
    """What the use case gives. It leaves nothing behind when it fails, so it may be run again."""
    for _ in range(ATTEMPTS - 1):
        try:
            return use_case()
        except OperationalError as error:
            if not was_victim(error):
                raise
    return use_case()
