"""The rules for users (hexnode-api.md section 7): addresses, the Default User, directories, deletion."""

from collections import Counter
from dataclasses import replace
from typing import Any

from scim_bridge.simulator import commands, fields
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import DEFAULT_USER, LOCAL, Device, User
from scim_bridge.simulator.refusal import Refused, bad_fields, not_found, refused

REQUIRED: fields.Readers = {"name": fields.text, "email": fields.email}


def create(portal: Portal, body: Any) -> User:
    """Section 7.2: the user in `body`, list-wrapped or not as the switch says."""
    entry = fields.one_object(body, portal.switches.create_user_body)
    values = fields.read(entry, *_readers(portal, creating=True))
    return add(portal, values["name"], values["email"], values.get("phoneno"))


def add(portal: Portal, name: str, email: str, phoneno: str | None = None, domain: str = LOCAL) -> User:
    """A new user; refuses an address that is taken."""
    check_free(portal, email, None)
    user = User(portal.new_id("user"), name, email, phoneno, domain, portal.listed_from())
    portal.users[user.id] = user
    _remember_email(portal, user)
    portal.record("user_created", user=user.id, email=email)
    return user


def edit(portal: Portal, user_id: int, body: Any) -> User:
    """Section 7.4: name and email replaced; an omitted phoneno stays as it is."""
    user = _editable(portal, user_id)
    readers = _readers(portal, creating=False)
    values = fields.read(fields.one_object(body, portal.switches.other_bodies), *readers)
    values.pop("password", None)
    return alter(portal, user, values)


def alter(portal: Portal, user: User, values: dict[str, Any]) -> User:
    """The user with these values; refuses an address that is taken."""
    edited = replace(user, **values)
    if edited.email and edited.email.lower() != str(user.email).lower():
        check_free(portal, edited.email, user.id)
    if edited != user:
        _forget_email(portal, user)
        _remember_email(portal, edited)
        portal.users[user.id] = edited
        altered = sorted(name for name, value in values.items() if value != getattr(user, name))
        portal.record("user_edited", user=user.id, fields=altered)
    return edited


def delete(portal: Portal, user_id: int) -> None:
    """Section 7.5: the devices are disenrolled too, then fall to the Default User while they wait for it."""
    user = _editable(portal, user_id)
    if any(device.dep for device in owned(portal, user_id)):
        raise _undeletable(portal, "A user who holds a DEP device cannot be deleted.")
    for device in owned(portal, user_id):
        if portal.switches.deleted_user_devices == "disenroll":
            commands.ask(portal, device, "disenroll", {})
        device.user = DEFAULT_USER
    remove(portal, user)


def remove(portal: Portal, user: User) -> None:
    """Takes a user without devices out of the groups and away."""
    for group in portal.groups.values():
        if user.id in group.members:
            group.members.remove(user.id)
            portal.record("member_removed", group=group.id, user=user.id)
    del portal.users[user.id]
    _forget_email(portal, user)
    portal.record("user_deleted", user=user.id)


def find(portal: Portal, user_id: int) -> User:
    """The user, or 404."""
    if user_id not in portal.users:
        raise not_found()
    return portal.users[user_id]


def owned(portal: Portal, user_id: int) -> list[Device]:
    """The devices of a user."""
    return [device for device in portal.devices.values() if device.user == user_id]


def device_counts(portal: Portal) -> Counter[int]:
    """How many enrolled devices each user id holds."""
    return Counter(d.user for d in portal.devices.values() if d.enrollment_status == "enrolled")


def shown(portal: Portal, user: User) -> dict[str, Any]:
    """The user as a reply shows it; a list adds `total_devices` (section 7.1)."""
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "phoneno": _phoneno(portal, user.phoneno),
        "domain": portal.switches.local_domain if user.domain == LOCAL else user.domain,
    }


def check_free(portal: Portal, email: str, own_id: int | None) -> None:
    """Refuses an address that somebody else has; how is not known (section 13 row 21)."""
    if portal.emails.get(email.lower(), set()) <= {own_id} or portal.switches.duplicate_email == "accept":
        return
    text = "user with this email already exists."
    answers = {
        "email_key": bad_fields({"email": [text]}),
        "detail": refused(text),
        "conflict": refused(text, 409),
    }
    raise answers[portal.switches.duplicate_email]


def _phoneno(portal: Portal, number: str | None) -> str | int | None:
    if not number:
        return "" if portal.switches.no_phoneno == "empty" else number
    digits = "".join(letter for letter in number if letter.isascii() and letter.isdigit())
    return int(digits) if digits and portal.switches.phoneno_shown == "number" else number


def _remember_email(portal: Portal, user: User) -> None:
    if user.email is not None:
        portal.emails.setdefault(user.email.lower(), set()).add(user.id)


def _forget_email(portal: Portal, user: User) -> None:
    holders = portal.emails.get(str(user.email).lower(), set())
    holders.discard(user.id)
    if not holders:
        portal.emails.pop(str(user.email).lower(), None)


def _readers(portal: Portal, *, creating: bool) -> tuple[fields.Readers, fields.Readers]:
    """The required and the optional fields, as the switches want them."""
    switches = portal.switches
    named: fields.Readers = {"name": fields.name(switches.name_most, switches.letters), "email": fields.email}
    phoneno: fields.Readers = {"phoneno": fields.PHONENO[switches.phoneno_taken]}
    password: fields.Readers = {"password": fields.PASSWORD[switches.password]}
    if creating and switches.password != "optional":  # noqa: S105 - a choice, not a password
        return {**named, **password}, phoneno
    return named, {**phoneno, **password}


def _editable(portal: Portal, user_id: int) -> User:
    user = find(portal, user_id)
    if user_id == DEFAULT_USER:
        raise _undeletable(portal, "The Default User cannot be changed or deleted.")
    if user.domain != LOCAL:
        raise _undeletable(portal, "A user of a directory cannot be changed or deleted here.")
    return user


def _undeletable(portal: Portal, why: str) -> Refused:
    # 400 unless switched: the vendor's answer is not known, and 403 would say that the key is bad (section 4).
    return refused(why, portal.switches.undeletable_status)
