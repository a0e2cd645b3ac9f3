"""The random PIN that a Mac is locked with: made and sealed before the lock is sent, for without it the Mac stays shut
(hexnode-api.md 9.3; safety.md, classes). Only operators are shown it."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from scim_bridge.offboarding.cases import of_case
from scim_bridge.offboarding.sealed import new_pin, open_sealed, seal
from scim_bridge.offboarding.steps import Step
from scim_bridge.offboarding.tables import steps


def of_step(connection: Connection, step: Step, keys: Sequence[str]) -> str:
    """The PIN of this lock, the same for every try: nobody knows which of them arrives. ValueError when none of the
    keys opens the one that was sealed."""
    mine = of_case(step.tenant, step.case_id) & (steps.c.position == step.position)
    known = connection.execute(select(steps.c.pin).where(mine)).scalar_one()
    if known is not None:
        return open_sealed(keys, known)
    pin = new_pin()
    connection.execute(update(steps).where(mine).values(pin=seal(keys, pin)))
    return pin
