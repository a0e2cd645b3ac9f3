"""Calls that did nothing and that nothing excuses: by the simulator's ledger, and what befell calls on their way."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.wire import Sent

Entry = dict[str, Any]
Subject = tuple[str, Any]


@dataclass
class Waste:
    """Reads what was sent, in order. Each write that arrived unharmed must have changed something, unless an earlier
    one for the same thing left a doubt, or people had changed that thing in the console."""

    ledger: dict[str, list[Entry]]
    excused: set[Subject] = field(default_factory=set)
    locks: Counter[int] = field(default_factory=Counter)

    def found(self, sent: list[Sent]) -> Iterator[str]:
        """The wasted calls."""
        effects, console = self._effects()
        for each in sent:
            call = self.ledger["calls"][each.arrived] if each.arrived is not None else None
            while console and call and console[0]["seq"] < call["seq"]:
                self.excused |= set(_touched(console.pop(0)))
            if each.method != "GET":
                yield from self._judged(each, call, effects[call["seq"]] if call else [])

    def too_many_locks(self, left: Mapping[int, int]) -> Iterator[str]:
        """A lock may find no device, but each leaver is locked once for each time of leaving, by Hexnode's user id."""
        for user, count in self.locks.items():
            if count > left.get(user, count) and ("lock", user) not in self.excused:
                yield f"user {user} was locked {count} times, and left {left[user]} times"

    def _judged(self, each: Sent, call: Entry | None, changed: list[Entry]) -> Iterator[str]:
        if each.trouble is not None or call is None:
            self._doubt(each, changed)
        elif each.path.startswith("actions/"):
            self.locks.update(user for _, user in subjects(each) if call["status"] == 200)
        elif call["status"] != 429 and not changed and not self._excuses(each):
            yield f"{each.at} {each.method} {each.path} {each.body.decode()} -> {call['status']}"

    def _effects(self) -> tuple[dict[int, list[Entry]], list[Entry]]:
        """What each call changed, and what people changed."""
        by_call: dict[int, list[Entry]] = defaultdict(list)
        for effect in self.ledger["effects"]:
            by_call[effect["call"]].append(effect)
        return by_call, by_call.pop(None, [])

    def _doubt(self, each: Sent, changed: list[Entry]) -> None:
        """What the driver cannot know, it may send again. Of a group made in doubt it does not know its members."""
        if each.trouble is not None and each.trouble.leaves_doubt:
            self.excused |= subjects(each)
            self.excused |= {("group", effect["group"]) for effect in changed if effect["kind"] == "group_created"}

    def _excuses(self, each: Sent) -> bool:
        mine = subjects(each)
        pairs = [about for kind, about in mine if kind == "member"]
        mine |= {("group", group) for group, _ in pairs} | {("gone", user) for _, user in pairs}
        mine |= {("gone", user) for kind, user in mine if kind in ("user", "first")}
        return bool(mine & self.excused)


def subjects(each: Sent) -> set[Subject]:
    """What a write is about: a user by id or address, a group by id or name, each member of a group, who is locked."""
    path, body = each.path.strip("/").split("/"), json.loads(each.body)
    match path:
        case ["users"]:
            return {("email", body[0]["email"])}
        case ["users", number]:
            return {("user", int(number))}
        case ["usergroups"]:
            return {("group", body["groupname"]), *(("first", user) for user in body["users"])}
        case ["usergroups", number] if "add_users" in body:
            return {("member", (int(number), user)) for user in (*body["add_users"], *body["remove_users"])}
        case ["usergroups", number]:
            return {("group", int(number))}
        case _:
            return {("lock", user) for user in body["users"]}


def _touched(effect: Entry) -> Iterator[Subject]:
    """What people changed, in the same words. Whoever was deleted is gone from every group."""
    match effect["kind"].removeprefix("console_").split("_"):
        case ["user", "created"]:
            yield "email", effect["email"]
        case ["user", "edited"]:
            yield "user", effect["user"]
        case ["user", "deleted"]:
            yield "gone", effect["user"]
        case ["group", _]:
            yield "group", effect["group"]
        case ["member", _]:
            yield "member", (effect["group"], effect["user"])
