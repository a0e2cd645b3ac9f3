"""The calls about users, groups and lists, each one request: what to send and how to read what comes back
(hexnode-api.md 6 to 8). Those about one device and what devices are told stand in `actions`.

Every method may raise any HexnodeError; none sends twice. A reply of None means: accepted, but unreadable.
Arguments that no call may carry (an id that is no id, no target at all) raise ValueError and nothing is sent.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from scim_bridge.hexnode import replies
from scim_bridge.hexnode.actions import Actions
from scim_bridge.hexnode.errors import Rejected, Unreachable, WrongShape
from scim_bridge.hexnode.paging import fault_of_next, is_past_the_end
from scim_bridge.hexnode.targets import whole_id, whole_ids
from scim_bridge.hexnode.transport import Transport
from scim_bridge.hexnode.types import Device, Group, Page, User

Item = TypeVar("Item")

# What Django REST framework says to a list where it wants an object, and the reverse.
_SPEAKS_OF_SHAPE = re.compile(r"(expected|got|not) (an? )?(type )?[\"']?(list|dict|array|object)", re.IGNORECASE)


class Client(Actions):
    """One portal's calls. Remembers only which form of create user it takes. For `ownership_field` see Actions."""

    def __init__(self, transport: Transport, ownership_field: str = "") -> None:
        super().__init__(transport, ownership_field)
        self._user_as_list = True  # documented; an object is the other form (section 13, row 1)
        self._both_forms_tried = False

    # Users

    def create_user(self, name: str, email: str, phone: str | None) -> User | None:
        """The new user; None when the reply has no usable id: look it up by email. Never sends a password.

        Raises WrongShape once when the portal wants the other form; the next call uses it.
        """
        user = {"name": name, "email": email, "phoneno": phone}
        try:
            _, body = self._transport.send("POST", "users/", json=[user] if self._user_as_list else user)
        except Rejected as refusal:
            raise self._with_form_switched(refusal) from None
        return replies.user_in(replies.with_what_we_sent(body, {**user, "domain": "local"}))

    def edit_user(self, user_id: int, name: str, email: str, phone: str | None) -> None:
        """Replaces name, email and phone: always all three, lest one be cleared (section 7.4)."""
        path = f"users/{whole_id(user_id)}/"
        self._transport.send("PUT", path, json={"name": name, "email": email, "phoneno": phone})

    def delete_user(self, user_id: int) -> None:
        """Deletes a user and disenrolls all devices that are left (section 7.5). One that is gone already is done."""
        try:
            self._transport.send_for_good("DELETE", f"users/{whole_id(user_id)}/")
        except Rejected as refusal:
            if refusal.status != 404:
                raise

    def user(self, user_id: int) -> User | None:
        """One user (section 7.3); None when it is there but cannot be read. One that is gone is a 404: Rejected."""
        _, body = self._transport.send("GET", f"users/{whole_id(user_id)}/")
        user = replies.user_in(body)
        return user if user is not None and user.id == user_id else None

    def users(self, page: int) -> Page[User]:
        """One page of all users, directory-managed ones and the Default User too. Pages count from 1."""
        return self._list("users/", page, replies.user_in)

    # User groups

    def create_group(self, groupname: str, description: str, user_ids: Sequence[int]) -> Group | None:
        """The new group with its first members; an empty description becomes the name (section 8.2)."""
        group = {"groupname": groupname, "description": description or groupname}
        _, body = self._transport.send("POST", "usergroups/", json={**group, "users": whole_ids(user_ids)})
        return replies.group_in(replies.with_what_we_sent(body, group))

    def edit_group(self, group_id: int, groupname: str, description: str) -> Group | None:
        """Renames a group. Whether a PUT without members keeps them is not known: verify (section 8.4)."""
        group = {"groupname": groupname, "description": description or groupname}
        _, body = self._transport.send("PUT", f"usergroups/{whole_id(group_id)}/", json=group)
        return _same(replies.group_in(replies.with_what_we_sent(body, {"id": group_id, **group})), group_id)

    def change_members(self, group_id: int, add: Sequence[int], remove: Sequence[int]) -> Group | None:
        """Adds and removes in one call. An id in both would end up added (section 8.5), so it is refused."""
        change = {"add_users": whole_ids(add), "remove_users": whole_ids(remove)}
        if set(add) & set(remove):
            raise ValueError("the same user cannot be added and removed in one call")
        _, body = self._transport.send("POST", f"usergroups/{whole_id(group_id)}/", json=change)
        return _same(replies.group_in(body), group_id)

    def group(self, group_id: int) -> Group:
        """One group with all its members (section 8.3). A listed group can still be a 404 here: Rejected."""
        _, body = self._transport.send("GET", f"usergroups/{whole_id(group_id)}/")
        group = _same(replies.group_in(body), group_id)
        if group is None:
            raise Unreachable(f"the answer is not user group {group_id}")
        return group

    def groups(self, page: int) -> Page[Group]:
        """One page of all user groups, without their members. Pages count from 1."""
        return self._list("usergroups/", page, replies.group_in)

    # Devices

    def devices(self, page: int) -> Page[Device]:
        """One page of all devices with their owners. Pages count from 1."""
        return self._list("devices/", page, partial(replies.device_in, ownership_field=self._ownership_field))

    def _list(self, path: str, page: int, item_in: Callable[[Any], Item | None]) -> Page[Item]:
        address = self._transport.address
        try:
            _, body = self._transport.send("GET", path, {"page": whole_id(page), "per_page": address.page_size})
        except Rejected as refusal:
            if is_past_the_end(refusal):
                return Page((), None, last=True)
            raise
        found = replies.page_in(body, item_in)
        fault = fault_of_next(body.get("next"), page, address.base_url) if found else "the answer is not a list"
        if found is None or fault:
            raise Unreachable(self._transport.without_key(f"{path} {fault}"))
        return found

    def _with_form_switched(self, refusal: Rejected) -> Rejected:
        speaks_of_shape = refusal.status == 400 and _SPEAKS_OF_SHAPE.search(refusal.detail)
        if not speaks_of_shape or self._both_forms_tried:
            return refusal
        self._user_as_list, self._both_forms_tried = not self._user_as_list, True
        return WrongShape(refusal.status, refusal.detail)


def _same(group: Group | None, group_id: int) -> Group | None:
    """A reply about another group tells nothing about ours."""
    return group if group is not None and group.id == group_id else None
