"""A witness outside the database: a small file for each portal with the number of its last call. A database whose
journal ends before that is an older one that was put back, and does not know what was sent since (safety.md, restore or
clone of the database)."""

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

import structlog

log = structlog.get_logger()

# Nobody knows how far it was: further than any journal.
UNREADABLE: Final = 2**63


def knows_more(path: Path | None, portal: str, newest: int) -> bool:
    """Whether calls were made after the `newest` one of the journal (0: none). `path` is the setting
    SCIM_BRIDGE_WITNESS_FILE; without it, and before the first call that it saw, nobody can tell."""
    return path is not None and _number(_of(path, portal)) > newest


def note(path: Path | None, portal: str, number: int) -> None:
    """This call is about to be sent, and is in the journal. Where that cannot be written, calls are made all the
    same: the file then is behind, and an older database may go unnoticed."""
    if path is None:
        return
    file = _of(path, portal)
    draft = file.with_name(f"{file.name}.new")
    try:
        with draft.open("w", encoding="ascii") as opened:
            opened.write(f"{number}\n")
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(file)
    except OSError as error:
        log.warning("witness.not_written", portal=portal, error=type(error).__name__)


def _of(path: Path, portal: str) -> Path:
    return path.with_name(f"{path.name}.{quote(portal, safe='')}")


def _number(file: Path) -> int:
    try:
        return int(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0
    except (OSError, ValueError):
        return UNREADABLE
