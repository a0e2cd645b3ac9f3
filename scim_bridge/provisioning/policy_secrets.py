"""Secrets that the policy only names: read from the environment or from a file, and told apart when this machine has
none. No sentence ever repeats one."""

from pathlib import Path

from scim_bridge.provisioning.policy_places import Place
from scim_bridge.provisioning.policy_reader import Reader


def from_environment(reader: Reader, place: Place, name: str) -> str:
    """The variable without blanks around it; empty, and noted as missing here, when it is not set."""
    text = (reader.environ.get(name) or "").strip()
    if not text:
        reader.fault(place, f"{name} is not set here.", elsewhere=True)
    return text


def from_file(reader: Reader, place: Place, name: str, what: str = "secret") -> str:
    """The first line of the file, likewise; `what` says what it should be."""
    text = (_first_line(Path(name)) or "").strip()
    if not text:
        reader.fault(place, f"no {what} is found here in {name}.", elsewhere=True)
    return text


def _first_line(path: Path) -> str | None:
    try:
        return next(iter(path.read_text("utf-8").splitlines()), None)
    except (OSError, ValueError):  # not there, not UTF-8, or a NUL in the name
        return None
