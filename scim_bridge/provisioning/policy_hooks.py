"""[tenants.NAME.hr] of the policy: the secrets that an HR system signs with, and how many urgent events it may send."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, Final

from scim_bridge.provisioning.policy import Hooks
from scim_bridge.provisioning.policy_places import Place
from scim_bridge.provisioning.policy_reader import Reader
from scim_bridge.provisioning.policy_secrets import from_environment, from_file

_KEYS: Mapping[str, type] = {"secrets_env": list, "secret_files": list, "urgent_per_day": int}
# Three a day are advised (safety.md, HRMS kill switch); beyond a hundred, holding is not what the tenant wants.
_LIMITS: Mapping[str, range] = {"urgent_per_day": range(101)}
_PREFIX: Final = "whsec_"
_BYTES: Final = range(24, 65)  # of a secret (Standard Webhooks, signature scheme)
_Source = Callable[[Reader, Place, str], str]


def read_hooks(reader: Reader, place: Place, part: Mapping[str, Any] | None) -> Hooks:
    """Without the table there is no webhook; with it there must be a secret."""
    if part is None:
        return Hooks()
    values = reader.table(place, part, _KEYS)
    if not part.get("secrets_env") and not part.get("secret_files"):
        reader.fault(place, "name the places of its secrets with secrets_env or secret_files.")
    in_environment = _secrets(reader, (*place, "secrets_env"), values.get("secrets_env", []), from_environment)
    in_files = _secrets(reader, (*place, "secret_files"), values.get("secret_files", []), from_file)
    return Hooks((*in_environment, *in_files), **reader.numbers(place, values, _LIMITS))


def _secrets(reader: Reader, place: Place, part: list[object], read: _Source) -> list[str]:
    names = reader.texts(place, part)
    found = [((*place, number), name) for number, name in enumerate(part, 1) if isinstance(name, str) and name in names]
    secrets = [(each, name, read(reader, each, name)) for each, name in found]
    return [secret for each, name, secret in secrets if secret and _is_secret(reader, each, name, secret)]


def _is_secret(reader: Reader, place: Place, name: str, secret: str) -> bool:
    if secret.startswith(_PREFIX) and _length(secret.removeprefix(_PREFIX)) in _BYTES:
        return True
    sentence = f"what is found in {name} is no secret: it is {_PREFIX} and 24 to 64 random bytes in base64."
    reader.fault(place, sentence)
    return False


def _length(text: str) -> int:
    try:
        return len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):  # letters beyond ASCII are a ValueError
        return 0
