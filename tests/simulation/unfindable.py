"""Groups that no bridge can find: made by a call whose answer was lost, and renamed in the console before any list
showed them. A list tells of a group no more than its id and its name (hexnode-api.md 8.1), so they keep whom they were
made with, and another one is made."""

from collections.abc import Sequence
from typing import Any

from tests.simulation.wire import Sent

Ledger = dict[str, Any]


def unfindable(ledger: Ledger, sent: Sequence[Sent]) -> frozenset[int]:
    """The Hexnode ids of such groups, by the simulator's ledger and by what befell the calls on their way."""
    lists, renamed = _lists(ledger, sent), _renamed(ledger)
    made = {group: seq for group, seq in _made_in_doubt(ledger, sent).items() if group in renamed}
    return frozenset(group for group, seq in made.items() if not any(seq < shown < renamed[group] for shown in lists))


def _made_in_doubt(ledger: Ledger, sent: Sequence[Sent]) -> dict[int, int]:
    """By each group that a call without an answer made, when it did."""
    arrived = [each.arrived for each in sent if each.arrived is not None and each.trouble is not None]
    lost = {ledger["calls"][number]["seq"] for number in arrived}
    made = [effect for effect in ledger["effects"] if effect["kind"] == "group_created" and effect["call"] in lost]
    return {effect["group"]: effect["seq"] for effect in made}


def _lists(ledger: Ledger, sent: Sequence[Sent]) -> list[int]:
    """When the bridge was shown a list of groups."""
    asked = [each for each in sent if (each.method, each.path, each.trouble) == ("GET", "usergroups/", None)]
    return [ledger["calls"][each.arrived]["seq"] for each in asked if each.arrived is not None]


def _renamed(ledger: Ledger) -> dict[int, int]:
    """When each group was first renamed in the console."""
    first: dict[int, int] = {}
    for effect in ledger["effects"]:
        if effect["kind"] == "console_group_renamed":
            first.setdefault(effect["group"], effect["seq"])
    return first
