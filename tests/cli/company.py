"""What waits in the database of a command: written by SCIM requests, and made known to Hexnode by hand."""

from sqlalchemy import Engine

from scim_bridge.clock import utc_now
from scim_bridge.db.engine import writing
from scim_bridge.provisioning import accounts, hexnode_groups, placements
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.seen import SeenUser
from tests.app import ScimClient


def lines(result, exit_code=0):
    """What a command printed, without the layout."""
    assert result.exit_code == exit_code, result.output
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


def busy_company(scim: ScimClient) -> None:
    """Two joiners in a group, and a leaver."""
    ada, grace, joan = (scim.user(f"{name}@acme.test", displayName=name.title()) for name in ("ada", "grace", "joan"))
    scim.group("Sales", ada, grace)
    scim.patch(f"/Users/{joan}", {"op": "replace", "path": "active", "value": False})


def at_hexnode(engine: Engine, user_id: str, hexnode_id: int, name: str) -> None:
    """This person has this Hexnode user."""
    with writing(engine) as connection:
        seen = SeenUser(hexnode_id, name, f"{name.lower()}@acme.test", None, "local")
        accounts.observe(connection, AccountKey("default", user_id), seen, utc_now())


def group_at_hexnode(engine: Engine, group_id: str, hexnode_id: int, name: str, *members: str) -> GroupKey:
    """This group is there and holds these people."""
    group = GroupKey("default", f"scim:{group_id}")
    with writing(engine) as connection:
        hexnode_groups.observe(connection, group, hexnode_id, name, utc_now())
        placements.observe(connection, group, members, present=True)
    return group


def mass_withdrawal(scim: ScimClient, engine: Engine, people: int) -> str:
    """A group of so many at Hexnode whom the IdP takes out at once; gives the group's id."""
    names = [f"p{number}" for number in range(people)]
    ids = [scim.user(f"{name}@acme.test", displayName=name) for name in names]
    group = scim.group("Sales", *ids)
    for number, (user_id, name) in enumerate(zip(ids, names, strict=True)):
        at_hexnode(engine, user_id, 100 + number, name)
    group_at_hexnode(engine, group, 7, "Sales", *ids)
    scim.patch(f"/Groups/{group}", {"op": "remove", "path": "members"})
    return group
