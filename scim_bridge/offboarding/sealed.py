"""Secrets at rest: the PINs that Macs are locked with, sealed before they are stored. Knows nothing of where the keys
are from, nor of who may see a PIN."""

import secrets
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


def seal(keys: Sequence[str], text: str) -> str:
    """The text sealed with the first of the Fernet keys. ValueError without a key."""
    return _fernet(keys).encrypt(text.encode()).decode()


def open_sealed(keys: Sequence[str], text: str) -> str:
    """What was sealed with one of the keys. ValueError when none of them opens it."""
    try:
        return _fernet(keys).decrypt(text.encode()).decode()
    except InvalidToken as error:
        raise ValueError("none of the keys in SCIM_BRIDGE_ENCRYPTION_KEYS opens it") from error


def new_pin() -> str:
    """Six random digits, as lock_devices takes them (hexnode-api.md 9.3)."""
    return f"{secrets.randbelow(1_000_000):06}"


def _fernet(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
