"""Settings: the one reader of the environment. It checks every value and names all faults at once; it opens nothing."""

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_DATABASE_URL = "sqlite:///scim-bridge.db"
# These would be taken, and everything lost with the process.
_IN_MEMORY = ("sqlite:///", "sqlite:///:memory:")


class SettingsError(Exception):
    """Settings or policy that cannot be used; `faults` are sentences, each with what to do."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Settings:
    """What the environment says. `environ` is kept for the names that a policy mentions (`api_key_env`)."""

    database_url: str
    policy_path: Path | None
    public_url: str | None
    hexnode_url: str | None
    hexnode_api_key: str | None = field(repr=False)
    lease_seconds: int
    scan_seconds: int
    # Fernet keys for secrets at rest: the first seals, all of them open, so that one can follow another.
    encryption_keys: tuple[str, ...] = field(repr=False)
    # Where this file is, nothing is sent: the stop switch that works with the program down.
    stop_file: Path | None
    # Where the number of the last call is kept outside the database, which shows when an older one was put back.
    witness_file: Path | None
    # Whether a notice may go to a host of a private network.
    notify_private: bool
    environ: Mapping[str, str] = field(repr=False)


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in `environ` (the process environment when None); raises SettingsError naming every fault."""
    source = os.environ if environ is None else environ
    faults = [*_url_faults(source), *_lease_faults(source), *_scan_faults(source)]
    faults += [*_key_faults(source), *_policy_faults(source), *_notify_faults(source)]
    if faults:
        raise SettingsError(faults)
    policy, stop_file = source.get("SCIM_BRIDGE_POLICY"), source.get("SCIM_BRIDGE_STOP_FILE")
    witness_file = source.get("SCIM_BRIDGE_WITNESS_FILE")
    return Settings(
        database_url=database_url(source.get("SCIM_BRIDGE_DATABASE_URL") or DEFAULT_DATABASE_URL),
        policy_path=Path(policy) if policy else None,
        public_url=(source.get("SCIM_BRIDGE_PUBLIC_URL") or "").rstrip("/") or None,
        hexnode_url=source.get("SCIM_BRIDGE_HEXNODE_URL") or None,
        hexnode_api_key=source.get("SCIM_BRIDGE_HEXNODE_API_KEY") or None,
        lease_seconds=int(source.get("SCIM_BRIDGE_LEASE_SECONDS") or "45"),
        scan_seconds=int(source.get("SCIM_BRIDGE_SCAN_SECONDS") or "1"),
        encryption_keys=_keys(source),
        stop_file=Path(stop_file) if stop_file else None,
        witness_file=Path(witness_file) if witness_file else None,
        notify_private=source.get("SCIM_BRIDGE_NOTIFY_PRIVATE") == "1",
        environ=source,
    )


def foreign_environment() -> dict[str, str]:
    """The process environment without our settings: for children that must not reach what this process would."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SCIM_BRIDGE_")}


def database_url(text: str) -> str:
    """The database URL in the form SQLAlchemy wants: PostgreSQL always through psycopg 3."""
    for prefix in ("postgres://", "postgresql://"):
        if text.startswith(prefix):
            return "postgresql+psycopg://" + text.removeprefix(prefix)
    return text


def _url_faults(source: Mapping[str, str]) -> list[str]:
    faults = []
    if not _is_database(database_url(source.get("SCIM_BRIDGE_DATABASE_URL") or DEFAULT_DATABASE_URL)):
        faults.append(
            "SCIM_BRIDGE_DATABASE_URL must name a file as sqlite:///FILE, or a server as postgresql://HOST:PORT/NAME."
        )
    public = source.get("SCIM_BRIDGE_PUBLIC_URL") or "https://"
    if not public.startswith(("https://", "http://")):
        faults.append("SCIM_BRIDGE_PUBLIC_URL must be the https:// address that the IdP calls.")
    return faults


def _is_database(url: str) -> bool:
    if url.startswith("sqlite:///"):
        return url not in _IN_MEMORY
    try:
        return url.startswith("postgresql+psycopg://") and (urlsplit(url).port or 1) > 0
    except ValueError:  # a port that is no number
        return False


def _lease_faults(source: Mapping[str, str]) -> list[str]:
    # A call to Hexnode may take 30 s (safety.md, timers); a lease that could end within one would let two drivers send.
    text = source.get("SCIM_BRIDGE_LEASE_SECONDS") or "45"
    if text.isdecimal() and 35 <= int(text) <= 3600:
        return []
    return ["SCIM_BRIDGE_LEASE_SECONDS must be a whole number of seconds from 35 to 3600."]


def _scan_faults(source: Mapping[str, str]) -> list[str]:
    # A gunicorn worker that is silent for 60 s is killed, and the request with it.
    text = source.get("SCIM_BRIDGE_SCAN_SECONDS") or "1"
    if text.isdecimal() and 1 <= int(text) <= 50:
        return []
    return ["SCIM_BRIDGE_SCAN_SECONDS must be a whole number of seconds from 1 to 50."]


def _key_faults(source: Mapping[str, str]) -> list[str]:
    # Which one is wrong is said by its place, so that no key is ever shown.
    wrong = [number for number, key in enumerate(_keys(source), 1) if not _is_fernet_key(key)]
    form = "must be 32 random bytes in URL-safe base64, as 44 letters"
    return [f"SCIM_BRIDGE_ENCRYPTION_KEYS, number {number} of them, {form}." for number in wrong]


def _keys(source: Mapping[str, str]) -> tuple[str, ...]:
    keys = (key.strip() for key in (source.get("SCIM_BRIDGE_ENCRYPTION_KEYS") or "").split(","))
    return tuple(key for key in keys if key)


def _is_fernet_key(key: str) -> bool:
    # Fernet specification: 128 bits to sign with and 128 to encrypt with.
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):  # letters beyond ASCII are a ValueError
        return False


def _policy_faults(source: Mapping[str, str]) -> list[str]:
    path = source.get("SCIM_BRIDGE_POLICY")
    if path and not Path(path).is_file():
        return [f"SCIM_BRIDGE_POLICY names {path}, which is not a file: write the policy there or unset it."]
    return []


def _notify_faults(source: Mapping[str, str]) -> list[str]:
    if (source.get("SCIM_BRIDGE_NOTIFY_PRIVATE") or "0") in ("0", "1"):
        return []
    return ["SCIM_BRIDGE_NOTIFY_PRIVATE must be 1 (notices may go to hosts of a private network) or 0."]
