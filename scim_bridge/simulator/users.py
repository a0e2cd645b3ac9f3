"""The rules for users (hexnode-api.md section 7): addresses, the Default User, directories, deletion."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from scim_bridge.simulator import commands, fields
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import DEFAULT_USER, User
from scim_bridge.simulator.refusal import bad_fields, not_found, refused

REQUIRED: fields.Readers = {"name": fields.text, "email": fields.email}
OPTIONAL: fields.Readers = {"phoneno": fields.loose_text, "password": fields.loose_text}


def create(portal: Portal, body: Any) -> User:
    """Section 7.2: the user in `body`, list-wrapped or not as the switch says."""
    entry = fields.one_object(body, portal.switches.create_user_body)
    values = fields.read(entry, REQUIRED, OPTIONAL)
    return add(portal, values["name"], values["email"], values.get("phoneno"))


def add(portal: Portal, name: str, email: str, phoneno: str | None = None, domain: str = "local") -> User:
    """A new user; refuses an address that is taken."""
    _check_free(portal, email, None)
    user = User(portal.new_id("user"), name, email, phoneno, domain)
    portal.users[user.id] = user
    portal.emails[email.lower()] = user.id
    portal.record("user_created", user=user.id, email=email)
    return user


def edit(portal: Portal, user_id: int, body: Any) -> User:
    """Section 7.4: name and email replaced; an omitted phoneno stays as it is."""
    user = _editable(portal, user_id)
    values = fields.read(fields.one_object(body, portal.switches.other_bodies), REQUIRED, OPTIONAL)
    values.pop("password", None)
    _check_free(portal, values["email"], user_id)
    edited = replace(user, **values)
    if edited != user:
        del portal.emails[str(user.email).lower()]
        portal.emails[values["email"].lower()] = user_id
        portal.users[user_id] = edited
        altered = sorted(name for name, value in values.items() if value != getattr(user, name))
        portal.record("user_edited", user=user_id, fields=altered)
    return edited


def delete(portal: Portal, user_id: int) -> None:
    """Section 7.5: the devices are disenrolled too, then fall to the Default User while they wait for it."""
    user = _editable(portal, user_id)
    owned = [device for device in portal.devices.values() if device.user == user_id]
    if any(device.dep for device in owned):
        raise refused("A user who holds a DEP device cannot be deleted.")
    for device in owned:
        commands.ask(portal, device, "disenroll", {})
        device.user = DEFAULT_USER
    for group in portal.groups.values():
        if user_id in group.members:
            group.members.remove(user_id)
            portal.record("member_removed", group=group.id, user=user_id)
    del portal.users[user_id]
    portal.emails.pop(str(user.email).lower(), None)
    portal.record("user_deleted", user=user_id)


def find(portal: Portal, user_id: int) -> User:
    """The user, or 404."""
    if user_id not in portal.users:
        raise not_found()
    return portal.users[user_id]


def listed(portal: Portal, query: Mapping[str, str]) -> list[User]:
    """The users in the order and by the filters of section 3.3."""
    held = device_counts(portal)
    tests: dict[tuple[str, str], Callable[[User], bool]] = {
        ("user_type", "local"): lambda user: user.domain == "local",
        ("user_type", "active directory"): lambda user: user.domain != "local",
        ("enrollment_status", "enrolled"): lambda user: held[user.id] > 0,
        ("enrollment_status", "unenrolled"): lambda user: held[user.id] == 0,
    }
    chosen = [test for (name, value), test in tests.items() if query.get(name) == value]
    rows = [user for user in portal.users.values() if all(test(user) for test in chosen)]
    return sorted(rows, key=lambda user: (user.name.lower(), user.id), reverse=query.get("order_by") == "desc")


def device_counts(portal: Portal) -> Counter[int]:
    """How many enrolled devices each user id holds."""
    return Counter(d.user for d in portal.devices.values() if d.enrollment_status == "enrolled")


def shown(user: User) -> dict[str, Any]:
    """The user as a reply shows it; a list adds `total_devices` (section 7.1)."""
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "phoneno": user.phoneno,
        "domain": user.domain,
    }


def _check_free(portal: Portal, email: str, own_id: int | None) -> None:
    if portal.emails.get(email.lower(), own_id) != own_id:
        raise bad_fields({"email": ["user with this email already exists."]})


def _editable(portal: Portal, user_id: int) -> User:
    # 400 and not 403: the vendor's answer is not known, and 403 would say that the key is bad (section 4).
    user = find(portal, user_id)
    if user_id == DEFAULT_USER:
        raise refused("The Default User cannot be changed or deleted.")
    if user.domain != "local":
        raise refused("A user of a directory cannot be changed or deleted here.")
    return user
