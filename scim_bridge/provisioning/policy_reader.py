"""Reads plain values out of parsed TOML and collects every fault with its place, so that all are named at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scim_bridge.provisioning.policy_places import Place, dotted

_KINDS = {str: "text", int: "whole number", bool: "true or false", list: "list", dict: "table"}


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where; `elsewhere` when not the file is wrong but this machine has no key."""

    place: Place
    sentence: str
    elsewhere: bool = False

    def __str__(self) -> str:
        """With what cannot be seen taken out: the sentence may repeat what stands in the file."""
        text = f"{dotted(self.place)}: {self.sentence}"
        return "".join(sign if sign.isprintable() else "?" for sign in text)


@dataclass
class Reader:
    """What was wrong so far. Each method gives what can be used of a value, and notes the rest as faults."""

    environ: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, place: Place, sentence: str, *, elsewhere: bool = False) -> None:
        """Note what is wrong there."""
        self.faults.append(Fault(place, sentence, elsewhere))

    def table(self, place: Place, part: object, keys: Mapping[str, type]) -> dict[str, Any]:
        """`part` with only known keys of the right type; `object` stands for any."""
        if not isinstance(part, dict):
            self.fault(place, "must be a table.")
            return {}
        unknown = [key for key in part if key not in keys]
        typed = {key: kind for key, kind in keys.items() if key in part and kind is not object}
        wrong = [key for key, kind in typed.items() if type(part[key]) is not kind]
        for key in unknown:
            self.fault((*place, key), f"is not a setting; known here: {', '.join(keys)}.")
        for key in wrong:
            self.fault((*place, key), f"must be a {_KINDS[keys[key]]}.")
        return {key: value for key, value in part.items() if key in keys and key not in wrong}

    def required(self, place: Place, part: object, keys: tuple[str, ...]) -> dict[str, str]:
        """The texts of a table in which none of them may be missing or blank."""
        values = self.table(place, part, dict.fromkeys(keys, str))
        said = {key: value for key, value in values.items() if value.strip()}
        wrong = set(part) - set(values) if isinstance(part, dict) else set(keys)
        for key in keys:
            if key not in said and key not in wrong:
                self.fault((*place, key), "is missing.")
        return said

    def texts(self, place: Place, part: list[object]) -> tuple[str, ...]:
        """The texts of a list, none of them blank."""
        for number, one in enumerate(part, 1):
            if not isinstance(one, str) or not one.strip():
                self.fault((*place, number), "must be a text that is not blank.")
        return tuple(one for one in part if isinstance(one, str) and one.strip())

    def numbers(self, place: Place, values: Mapping[str, Any], limits: Mapping[str, range]) -> dict[str, int]:
        """Of the `limits` the values that are within theirs."""
        said = {key: values[key] for key in limits if key in values}
        for key, value in said.items():
            if value not in limits[key]:
                self.fault((*place, key), f"must be from {limits[key].start} to {limits[key].stop - 1}.")
        return {key: value for key, value in said.items() if value in limits[key]}

    def shares(self, place: Place, values: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, float]:
        """Of the `keys` the values that are percentages, decimals among them."""
        said = {key: values[key] for key in keys if key in values}
        wrong = [key for key, value in said.items() if type(value) not in (int, float) or not 0 <= value <= 100]
        for key in wrong:
            self.fault((*place, key), "must be a number from 0 to 100.")
        return {key: value for key, value in said.items() if key not in wrong}

    def groupname(self, place: Place, text: str) -> str | None:
        """The name of a Hexnode group as it will stand there; PostgreSQL keeps no NUL, and Hexnode shows no others."""
        if any(sign < " " or sign == "\x7f" for sign in text):
            self.fault(place, "has a control character in it.")
            return None
        return text
