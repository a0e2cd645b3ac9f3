"""What is wrong with one step of a recipe by itself: its word, its argument, its devices. Pure; where it stands among
the others is `recipe_faults`' question."""

import re
from typing import Final
from urllib.parse import urlsplit

from scim_bridge.offboarding.recipe import (
    APPROVE,
    DELETE_USER,
    DEVICE_KINDS,
    DISENROLL,
    HOLD,
    LEAVE_GROUPS,
    LOCK,
    NOTIFY,
    OWNERSHIPS,
    QUARANTINE,
    REASSIGN,
    SCAN,
    WIPE,
    Instruction,
)

FORMS: Final = (
    LOCK, f"{QUARANTINE} POLICY", LEAVE_GROUPS, SCAN, f"{NOTIFY} URL", f"{HOLD} DURATION", APPROVE,
    f"{REASSIGN} to USER", DISENROLL, WIPE, DELETE_USER,
)  # fmt: skip
KINDS: Final = frozenset(form.split()[0] for form in FORMS)
# What PostgreSQL's integer holds; Hexnode's ids are small and sequential (hexnode-api.md 2).
_LARGEST_ID: Final = 2_147_483_647
_ID: Final = re.compile(r"[1-9][0-9]{0,9}")
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+")


def fault_of(step: Instruction) -> str | None:
    """The sentence for the operator, None when the step can be run. It repeats no argument: a URL may hold a secret."""
    if step.kind not in KINDS:
        return f'"{step.kind}" is no step; the steps are {", ".join(FORMS)}.'
    return _wrong_duration(step) or _wrong_argument(step.kind, step.argument) or _wrongly_narrowed(step)


def _wrong_duration(step: Instruction) -> str | None:
    if step.kind == HOLD:
        try:
            _ = step.duration
        except ValueError as error:
            return f"{step.kind} takes how long: {error}."
    return None


def _wrong_argument(kind: str, argument: str) -> str | None:
    if kind == QUARANTINE:
        return None if _is_id(argument) else f'{kind} takes the id of a Hexnode policy, such as "{kind} 17".'
    if kind == REASSIGN:
        sentence = f'{kind} takes who gets the devices: "{kind} to it@acme.example", or the id of a Hexnode user.'
        return None if _is_id(argument) or _is_email(argument) else sentence
    if kind == NOTIFY:
        sentence = f"{kind} takes an https:// address without a user name or password in it."
        return None if _is_address(argument) else sentence
    return f"{kind} stands alone, with nothing after it." if argument and kind != HOLD else None


def _wrongly_narrowed(step: Instruction) -> str | None:
    if step.kind in DEVICE_KINDS or (set(step.ownership) == set(OWNERSHIPS) and not step.platforms):
        return None
    return f"{step.kind} cannot be narrowed by ownership or platforms; only {', '.join(DEVICE_KINDS)} can."


def _is_id(text: str) -> bool:
    return bool(_ID.fullmatch(text)) and int(text) <= _LARGEST_ID


def _is_email(text: str) -> bool:
    return text.isprintable() and bool(_EMAIL.fullmatch(text))


def _is_address(text: str) -> bool:
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:  # a port that is no number, a bracket too many
        return False
