"""How much a run tries, as schemathesis wants to be told."""

from dataclasses import dataclass
from typing import Any, Final

import schemathesis

PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")
# A version that is not the resource's, and a body that is too large, are refused before the body is looked into.
_GOOD: Final = ["2xx", "3xx", "401", "403", "404", "409", "412", "501"]
_REFUSALS: Final = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "501"]
_CHECKS: Final = {
    # All that schemathesis has are on, but for this one, in whose place stands `AsksForAToken`.
    "ignored_auth": {"enabled": False},
    "positive_data_acceptance": {"expected-statuses": _GOOD},
    "negative_data_rejection": {"expected-statuses": _REFUSALS},
}
_OPERATIONS: Final = [
    # 501 is the described answer there, and nowhere else.
    {"include-path": "/scim/v2/Me", "checks": {"not_a_server_error": {"expected-statuses": ["2xx", "4xx", "501"]}}},
]


@dataclass(frozen=True)
class Extent:
    """Which phases, so many examples of each operation where they are drawn, and with which seed (None: always the
    same). The `spared` operations are left out where cases are counted instead."""

    phases: tuple[str, ...] = PHASES
    examples: int = 3
    seed: int | None = None
    spared: tuple[str, ...] = ()


def config(extent: Extent, token: str) -> schemathesis.Config:
    """The configuration of a run whose requests carry the token."""
    uncounted = [{"include-name": name, "phases": {"coverage": {"enabled": False}}} for name in extent.spared]
    settings = {
        "headers": {"Authorization": f"Bearer {token}"},
        "generation": _generation(extent),
        "phases": {name: {"enabled": name in extent.phases} for name in PHASES},
        "checks": _CHECKS,
        "operations": [*_OPERATIONS, *uncounted],
        # Words out of our source would stand where only those of a format may.
        "analysis": {"constants": {"enabled": False}},
        "continue-on-failure": True,
        "cache": {"enabled": False},
    }
    return schemathesis.Config.from_dict(settings if extent.seed is None else {**settings, "seed": extent.seed})


def _generation(extent: Extent) -> dict[str, Any]:
    return {
        "max-examples": extent.examples,
        "deterministic": extent.seed is None,
        "database": "none",
        # NUL is refused wherever it stands, even in what no schema names.
        "allow-x00": False,
    }
