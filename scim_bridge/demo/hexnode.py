"""The other end, seen through the simulator's control API: seeding the portal, and the ledger that judges."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

HAPPENS_WITHIN_SECONDS = 15


@dataclass(frozen=True)
class Portal:
    """The simulated portal."""

    url: str

    def add(self, kind: str, **thing: Any) -> int:
        """Add a user or device as a person in the console would. Gives its id."""
        response = requests.post(f"{self.url}/_simulator/{kind}", json=thing, timeout=5)
        response.raise_for_status()
        return int(response.json()["id"])

    def behave(self, **switches: str) -> None:
        """Choose how the portal behaves where its documentation leaves that open."""
        requests.post(f"{self.url}/_simulator/switches", json=switches, timeout=5).raise_for_status()

    def ledger(self) -> dict[str, Any]:
        """Every call received and every effect it had."""
        return dict(requests.get(f"{self.url}/_simulator/ledger", timeout=5).json())

    def calls(self, after: int = 0) -> list[dict[str, Any]]:
        """The calls received after that sequence number."""
        return [call for call in self.ledger()["calls"] if call["seq"] > after]

    def locked_at(self, device: int) -> datetime | None:
        """When the device was locked; None while it was not."""
        for effect in self.ledger()["effects"]:
            if effect["kind"] == "device_locked" and effect["device"] == device:
                return datetime.fromisoformat(effect["at"])
        return None

    def wiped_devices(self) -> list[int]:
        """All devices that were wiped, as often as they were."""
        return [effect["device"] for effect in self.ledger()["effects"] if effect["kind"] == "device_wiped"]

    def locked_devices(self) -> set[int]:
        """All devices that are locked."""
        return {device["id"] for device in self._state()["devices"] if device["locked"]}

    def devices_of(self, email: str, ownership: str | None = None) -> set[int]:
        """The devices of the user with this address: all, or those of this ownership."""
        state = self._state()
        owners = {user["id"] for user in state["users"] if user["email"] == email}
        theirs = (device for device in state["devices"] if device["user"] in owners)
        return {device["id"] for device in theirs if ownership in (None, device["ownership"])}

    def members(self, groupname: str) -> set[str]:
        """The addresses of a group's members; empty when there is no such group."""
        state = self._state()
        emails = {user["id"]: user["email"] for user in state["users"]}
        groups = (group["users"] for group in state["groups"] if group["groupname"] == groupname)
        return {emails[user] for users in groups for user in users}

    def _state(self) -> dict[str, Any]:
        return dict(requests.get(f"{self.url}/_simulator/state", timeout=5).json())


def happens(condition: Callable[[], bool]) -> bool:
    """Whether the condition comes true in time; looks ten times a second."""
    end = time.monotonic() + HAPPENS_WITHIN_SECONDS
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
