"""Whether a person is already at Hexnode: the decision of adoption, by address. Pure (design, adoption)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scim_bridge.provisioning.seen import SeenUser


@dataclass(frozen=True)
class Ambiguous:
    """The address does not name one free Hexnode user, so nothing is done without a person."""

    why: str


def match(
    candidates: Sequence[SeenUser], holder: Callable[[int], str | None], user_id: str
) -> SeenUser | Ambiguous | None:
    """The Hexnode user to adopt among those seen with the person's address; None when there is nobody."""
    if not candidates:
        return None
    if len(candidates) > 1:
        return Ambiguous("AMBIGUOUS_MATCH: several Hexnode users have this address; leave one of them there.")
    if holder(candidates[0].hexnode_id) not in (None, user_id):
        return Ambiguous("AMBIGUOUS_MATCH: the Hexnode user with this address belongs to another person here.")
    return candidates[0]
