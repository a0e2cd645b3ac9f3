"""The values that travel between Hexnode and the rest of us, plain and frozen; `replies` reads them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from scim_bridge.hexnode.address import portal_base_url

MAX_PAGE_SIZE = 250  # believed, hexnode-api.md section 3.2; 100 is the size that was recorded

Item = TypeVar("Item")


@dataclass(frozen=True)
class PortalAddress:
    """Where a portal is and the key that opens it.

    `base_url` takes every form that `portal_base_url` takes and holds its result. Raises ValueError, never
    repeating the key, for an address or a key that no request could carry.
    """

    base_url: str
    api_key: str = field(repr=False)
    page_size: int = 100

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", portal_base_url(self.base_url))
        # Checked here because the HTTP library quotes a header it refuses, key and all.
        if not self.api_key or not all("!" <= letter <= "~" for letter in self.api_key):
            raise ValueError("The API key must be plain letters, digits and signs, without spaces or line ends.")
        if not 1 <= self.page_size <= MAX_PAGE_SIZE:
            raise ValueError(f"The page size must be from 1 to {MAX_PAGE_SIZE}.")


@dataclass(frozen=True)
class User:
    """A Hexnode user (hexnode-api.md section 7.1). `email` and `phone` are None when empty."""

    id: int
    name: str
    email: str | None
    phone: str | None
    domain: str

    @property
    def is_local(self) -> bool:
        """Whether the user is ours to edit; every other domain word is read-only (section 7.7)."""
        return self.domain.strip().lower() == "local"

    @property
    def is_default_user(self) -> bool:
        """The user that comes with each portal and is never touched; its id proves nothing (section 7.1)."""
        return self.email is None and self.name.strip().lower() == "default user"


@dataclass(frozen=True)
class Group:
    """A Hexnode user group (section 8). `user_ids` is None when the reply did not say who is in it;
    a name or description that it did not say is empty.
    """

    id: int
    groupname: str
    description: str
    user_ids: tuple[int, ...] | None


@dataclass(frozen=True)
class Device:
    """A row of the device list (section 6.1) or a device's own page (6.2). `enrolled_time` is as written by Hexnode,
    `platform` its `os_name`, `ownership` its own word for it. What it did not say, or not legibly, is None.
    """

    id: int
    name: str
    owner_id: int | None
    serial: str | None
    enrolled_time: str | None
    enrollment_status: str | None
    udid: str | None = None
    platform: str | None = None
    last_reported: datetime | None = None
    compliant: bool | None = None
    ownership: str | None = None


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list. `count` is Hexnode's total, if it said; `rejected` rows had no usable id."""

    items: tuple[Item, ...]
    count: int | None
    last: bool
    rejected: int = 0
