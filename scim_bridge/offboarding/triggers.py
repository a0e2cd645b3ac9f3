"""What opens a case, from the weakest to the strongest. Absence is none of them: missing, empty or unreadable data
never opens a case (design, offboarding)."""

from dataclasses import dataclass
from typing import Final

SCOPE_LOST: Final = "scope_lost"  # the IdP took the person out of the last group in scope
DEACTIVATED: Final = "deactivated"  # an explicit `active: false`
DELETED: Final = "deleted"  # DELETE
OPERATOR: Final = "operator"  # a person's word
HR_EVENT: Final = "hr_event"  # a signed event of the HR system
TRIGGERS: Final = (SCOPE_LOST, DEACTIVATED, DELETED, OPERATOR, HR_EVENT)


@dataclass(frozen=True)
class Leaver:
    """The person and the event. `requested_by` is "idp", "hr" or "cli:NAME"; the one who asks never approves."""

    tenant: str
    user_id: str
    trigger: str
    requested_by: str = "idp"
    reason: str | None = None
    urgent: bool = False


def is_stronger(trigger: str, other: str) -> bool:
    """Whether the first outranks the second."""
    return TRIGGERS.index(trigger) > TRIGGERS.index(other)
