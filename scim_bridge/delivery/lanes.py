"""Lanes: the urgency classes of calls, most urgent first (design, desired and observed)."""

from enum import IntEnum


class Lane(IntEnum):
    """A smaller number goes first."""

    PROTECT = 0
    WITHDRAW = 1
    GRANT = 2
    DESCRIBE = 3
    SURVEY = 4
