"""Leavers whose locks and devices are ready to be sent."""

from sqlalchemy import Engine

from scim_bridge.clock import utc_now
from scim_bridge.db.engine import writing
from scim_bridge.offboarding.tables import cases, device_actions, steps


def leavers(engine: Engine, count: int, devices: int = 0, tenant: str = "default") -> None:
    """So many cases, each with a lock and so many devices to disenroll."""
    now = utc_now()
    with writing(engine) as connection:
        for number in range(count):
            mine = {"tenant": tenant, "user_id": f"u{number}"}
            case = {**mine, "id": f"case{number}", "trigger": "deactivated", "state": "open"}
            connection.execute(cases.insert().values(**case, opened_at=now))
            for position, kind in ((10, "lock"), (20, "disenroll")):
                step = {**mine, "case_id": case["id"], "position": position, "kind": kind, "argument": ""}
                step |= {"ownership": [], "platforms": [], "state": "ready", "alone": False}
                connection.execute(steps.insert().values(**step, due_at=now, changed_at=now))
            for device in range(devices):
                row = {**mine, "case_id": case["id"], "position": 20, "device_id": 100 * number + device}
                row |= {"portal": "default", "kind": "disenroll", "owner_id": 1, "serial": "S", "name": "n"}
                row |= {"enrolled_time": "t", "ownership": "corporate", "state": "ready"}
                connection.execute(device_actions.insert().values(**row, due_at=now, changed_at=now))
