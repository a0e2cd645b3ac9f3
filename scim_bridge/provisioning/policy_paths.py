"""[portals.NAME.paths] and [portals.NAME.action_status] of the policy: words that Hexnode's pages do not establish and
the operator takes from the portal itself (hexnode-api.md 9.9, 9.10, 13 rows 17 to 19 and 26)."""

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from scim_bridge.provisioning.policy import ActionStatus, Paths
from scim_bridge.provisioning.policy_places import Place
from scim_bridge.provisioning.policy_reader import Reader

_PATHS: Mapping[str, type] = {
    "wipe": str, "disenroll": str, "wipe_options": dict, "ownership": str,
    "corporate_words": list, "personal_words": list,
}  # fmt: skip
_ACTION_STATUS: Mapping[str, type] = {
    "action_field": str, "status_field": str, "time_field": str, "done_words": list, "failed_words": list,
}  # fmt: skip
_DEEPEST = 20
# What a call names its devices by: an option of this name would send it to others (hexnode-api.md 9.1).
_TARGETS = ("users", "usergroups", "devices", "devicegroups", "user", "usergroup", "device", "devicegroup")


class _Form(NamedTuple):
    """What a text must look like, and what to say of another."""

    fits: re.Pattern[str]
    sentence: str


_PATH = _Form(re.compile(r"[a-z0-9_]+"), "must be one word of a path, made of a-z, 0-9 and _, without slashes.")
_FIELD = _Form(re.compile(r".*\S.*"), "must be the name of a field.")


def read_paths(reader: Reader, place: Place, part: object) -> Paths:
    """The words, with defaults for what cannot be used."""
    values = reader.table(place, part, _PATHS)
    said = _fitting(reader, place, values, {"wipe": _PATH, "disenroll": _PATH, "ownership": _FIELD})
    said |= _words(reader, place, values, ("corporate_words", "personal_words"))
    options = _options(reader, (*place, "wipe_options"), values.get("wipe_options", {}))
    paths = Paths(**said, wipe_options=options)
    if paths.wipe == paths.disenroll:
        reader.fault((*place, "disenroll"), f'is "{paths.wipe}", the path of the wipe: it must be another.')
    _are_apart(reader, (*place, "personal_words"), paths.personal_words, paths.corporate_words)
    return paths


def read_action_status(reader: Reader, place: Place, part: object) -> ActionStatus:
    """How the rows of an action's status are read."""
    values = reader.table(place, part, _ACTION_STATUS)
    said = _fitting(reader, place, values, dict.fromkeys(("action_field", "status_field", "time_field"), _FIELD))
    said |= _words(reader, place, values, ("done_words", "failed_words"))
    status = ActionStatus(**said)
    _are_apart(reader, (*place, "failed_words"), status.failed_words, status.done_words)
    return status


def _fitting(reader: Reader, place: Place, values: Mapping[str, str], forms: Mapping[str, _Form]) -> dict[str, Any]:
    """Of the `forms` the texts that have theirs."""
    said = {key: values[key] for key in forms if key in values}
    wrong = [key for key, text in said.items() if not forms[key].fits.fullmatch(text)]
    for key in wrong:
        reader.fault((*place, key), forms[key].sentence)
    return {key: text for key, text in said.items() if key not in wrong}


def _words(
    reader: Reader, place: Place, values: Mapping[str, Any], keys: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """In small letters, as what Hexnode says is compared with them."""
    said = {key: reader.texts((*place, key), values[key]) for key in keys if key in values}
    return {key: tuple(word.strip().lower() for word in words) for key, words in said.items()}


def _are_apart(reader: Reader, place: Place, words: tuple[str, ...], others: tuple[str, ...]) -> None:
    for word in sorted(set(words) & set(others)):
        reader.fault(place, f'"{word}" cannot mean both; say what the other words are, too.')


def _options(reader: Reader, place: Place, part: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """By platform in small letters: what is added to the body of a wipe."""
    options: dict[str, dict[str, Any]] = {}
    for name, said in part.items():
        platform = name.strip().lower()
        if platform in options:
            reader.fault((*place, name), "stands twice, in other letters.")
        options[platform] = _options_of_one(reader, (*place, name), said)
    return options


def _options_of_one(reader: Reader, place: Place, part: object) -> dict[str, Any]:
    values = reader.table(place, part, dict.fromkeys(part, object) if isinstance(part, dict) else {})
    for key, value in values.items():
        if key.lower() in _TARGETS:
            reader.fault((*place, key), "would send the wipe to other devices; leave it out.")
        elif not _is_json(value):
            reader.fault((*place, key), "cannot be said in JSON.")
    return values


def _is_json(value: object, depth: int = 0) -> bool:
    """Whether it can be sent: dates and times, nan and infinities cannot."""
    if isinstance(value, list | dict):
        parts = value.values() if isinstance(value, dict) else value
        return depth < _DEEPEST and all(_is_json(part, depth + 1) for part in parts)
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
