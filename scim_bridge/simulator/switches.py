"""What hexnode-api.md leaves open, each as a switch, so that a client can be tried both ways.

Every switch tells its row of section 13 (None: another section leaves it open) and its choices, of which the first is
what the reference believes most. Rows without a switch are answered one way only: `tests/simulator/test_rows.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields, replace
from typing import Any


def _one_of(row: int | None, *choices: str | int) -> Any:
    """One of these, the first by default."""
    return field(default=choices[0], metadata={"row": row, "choices": choices})


def _whole(row: int | None, default: int, least: int = 0) -> Any:
    """A whole number, `least` or more."""
    return field(default=default, metadata={"row": row, "least": least})


def _flag(row: int | None, default: bool) -> Any:
    return field(default=default, metadata={"row": row})


def _word(row: int | None) -> Any:
    """A word of a URL, or nothing, which is the default."""
    return field(default="", metadata={"row": row, "pattern": r"[\w.-]{0,100}"})


@dataclass(frozen=True)
class Switches:
    """How this portal behaves."""

    # Bodies that are sent to it
    create_user_body: str = _one_of(1, "list", "object", "both")
    other_bodies: str = _one_of(1, "object", "list", "both")
    put_group: str = _one_of(3, "replace", "refuse")
    action_targets: str = _one_of(6, "plural", "singular", "both")
    phoneno_taken: str = _one_of(7, "any", "string", "number")
    unknown_options: str = _one_of(18, "ignore", "refuse")  # arguments of an action that it does not know
    put_group_without_users: str = _one_of(22, "keep", "clear")
    password: str = _one_of(24, "optional", "required", "strong")  # strong: 8 letters or more, with a digit

    # Answers
    create_user_reply: str = _one_of(2, "object", "list", "empty", "without_id")
    create_user_status: int = _one_of(2, 201, 200)
    edit_user_reply: str = _one_of(2, "object", "empty", "no_content")  # section 7.4: 200, 200, 204
    group_reply: str = _one_of(4, "with_users", "without_users", "empty")
    create_group_status: int = _one_of(4, 201, 200)
    change_members_status: int = _one_of(4, 201, 200)
    delete_status: int = _one_of(5, 204, 200, 202)
    phoneno_shown: str = _one_of(7, "string", "number")
    no_phoneno: str = _one_of(7, "null", "empty")
    device_detail: str = _one_of(13, "nested", "flat")
    action_status: str = _one_of(19, "readable", "other_words", "unreadable", "missing", "not_found")
    local_domain: str = _one_of(20, "local", "Local", "LOCAL")
    ownership: str = _one_of(26, "absent", "word", "number")

    # Lists
    page_size: int = _whole(8, 100, least=1)
    page_size_most: int = _whole(8, 250, least=1)
    page_size_over: str = _one_of(8, "clip", "refuse")
    next_link: str = _one_of(8, "absolute", "null", "foreign", "relative")
    directory_users: str = _one_of(27, "listed", "by_type")
    appears_after: int = _whole(28, 0)  # seconds until what a call created is in its list
    disenrolled_devices: str = _one_of(None, "hidden", "listed")  # section 6.1
    enrolls_again_after: int = _whole(None, 300, least=1)  # seconds from a wipe, for devices that do (section 12.4)

    # Rules
    deleted_user_devices: str = _one_of(10, "disenroll", "keep")
    unknown_ids: str = _one_of(21, "refuse", "skip", "not_found")  # in members and in the targets of actions
    duplicate_email: str = _one_of(21, "email_key", "detail", "conflict", "accept")
    undeletable_status: int = _one_of(21, 400, 403, 409)  # 403 elsewhere means a bad key: a trap
    same_groupname: str = _one_of(23, "accept", "refuse")
    groupname_most: int = _whole(23, 0)  # letters; 0 is no limit
    name_most: int = _whole(23, 0)
    letters: str = _one_of(23, "any", "ascii")  # of names and group names

    # Paths; where a word is empty there is no such path
    host: str = _word(11)  # the only name the portal answers to, else 404
    policy_path: str = _one_of(12, "policy", "policies")
    wipe_path: str = _word(17)
    disenroll_path: str = _word(17)
    lost_mode_path: str = _word(17)
    restart_path: str = _word(17)
    uninstall_path: str = _word(17)
    scan_location_path: str = _word(17)
    trailing_slash: str = _one_of(None, "required", "redirect")  # section 2

    # Limits (section 5)
    throttled: bool = _flag(None, True)
    per_minute: int = _whole(None, 30)
    per_device_and_day: int = _whole(9, 10)
    day_limit: str = _one_of(9, "pooled", "per_device")
    day_minimum: int = _whole(9, 300)  # what a small portal gets all the same; 0 is the vendor's letter
    day_resets: str = _one_of(25, "rolling", "midnight")  # UTC
    errors_count: bool = _flag(25, True)
    options_count: bool = _flag(25, True)
    throttled_count: bool = _flag(25, False)  # the framework does not count what it throttles
    retry_after: bool = _flag(25, True)
    retry_after_form: str = _one_of(25, "seconds", "float", "date")
    throttle_body: str = _one_of(25, "json", "html", "empty", "translated")


def changed(switches: Switches, wanted: Mapping[str, Any]) -> Switches:
    """`switches` with the `wanted` ones set. Raises ValueError naming the first one that cannot be."""
    known = {each.name: each for each in fields(Switches)}
    for name, value in wanted.items():
        if name not in known:
            raise ValueError(f"There is no switch {name!r}; there are: {', '.join(known)}.")
        if not _fits(known[name], value):
            raise ValueError(f"Switch {name!r} takes {_taken(known[name])}.")
    return replace(switches, **wanted)


def described(switches: Switches) -> list[dict[str, Any]]:
    """Every switch with `name, row, value, default, takes`."""
    values = asdict(switches)
    return [
        {
            "name": each.name,
            "row": each.metadata["row"],
            "value": values[each.name],
            "default": each.default,
            "takes": _taken(each),
        }
        for each in fields(Switches)
    ]


def _fits(switch: Field[Any], value: Any) -> bool:
    if type(value) is not type(switch.default):
        return False
    if "choices" in switch.metadata:
        return value in switch.metadata["choices"]
    if "least" in switch.metadata:
        return bool(value >= switch.metadata["least"])
    return "pattern" not in switch.metadata or re.fullmatch(switch.metadata["pattern"], str(value)) is not None


def _taken(switch: Field[Any]) -> str:
    if "choices" in switch.metadata:
        return f"one of: {', '.join(map(str, switch.metadata['choices']))}"
    if "least" in switch.metadata:
        return f"a whole number, {switch.metadata['least']} or more"
    return "a word of a URL, or nothing" if "pattern" in switch.metadata else "true or false"
