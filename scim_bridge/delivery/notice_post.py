"""Posts one notice to the address that a recipe names: over https, once, without following where it is sent on to, and
to no address of a network that only we can reach. Signed as Standard Webhooks are. When to post again is `notices`'."""

import socket
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from standardwebhooks import Webhook

from scim_bridge.hexnode.errors import Unreachable
from scim_bridge.hexnode.wire import Watch, watched_pools

# Receivers answer first and work afterwards; 15 to 30 s are the most that senders wait (Standard Webhooks, timeouts).
SECONDS: Final = 10.0
PRIVATE: Final = "its host is in a private network (SCIM_BRIDGE_NOTIFY_PRIVATE=1 allows that)"


@dataclass(frozen=True)
class Notice:
    """What is posted where. The id stays the same however often it is posted, so that receivers can tell repeats. With
    several addresses of the host, `attempt` chooses which."""

    url: str = field(repr=False)
    id: str
    body: str
    at: datetime
    secret: str | None = field(default=None, repr=False)
    attempt: int = 1


def post(notice: Notice, *, may_be_private: bool = False, seconds: float = SECONDS) -> str | None:
    """Post it; None when it was taken, which is an answer of 2xx, else why it was not, in words without the address:
    that may hold a secret."""
    try:
        parts = urlsplit(notice.url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        host = None
    if host is None or parts.scheme != "https":
        return "it is no https:// address"
    try:
        found = [row[4][0] for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return "the name of its host was not resolved"
    if not may_be_private and not all(_is_public(str(each)) for each in found):
        return PRIVATE
    # The very address that was looked at: asked again, the name may have another one (safety.md, outgoing addresses).
    return _answered(notice, _To(str(found[(notice.attempt - 1) % len(found)]), host, parts.netloc), seconds)


@dataclass(frozen=True)
class _To:
    """Where it goes: the address, the name that the certificate must have, and what stands in the Host header."""

    address: str
    host: str
    netloc: str


class _PinnedAdapter(HTTPAdapter):
    """Connects to that address under the name of the host, with connections whose time can be ended."""

    def __init__(self, to: _To, watch: Watch) -> None:
        self._to, self._watch = to, watch
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = watched_pools(self._watch)

    def build_connection_pool_key_attributes(self, *args: Any, **options: Any) -> Any:
        where, how = super().build_connection_pool_key_attributes(*args, **options)
        return {**where, "host": self._to.address}, {**how, "server_hostname": self._to.host}


def _answered(notice: Notice, to: _To, seconds: float) -> str | None:
    watch = Watch()
    with requests.Session() as session, watch.during(seconds):
        session.trust_env = False  # a proxy of the environment would resolve the name for itself
        session.mount("https://", _PinnedAdapter(to, watch))
        try:
            # No answer is read beyond its head: nothing in it matters to us.
            response = session.post(
                notice.url, notice.body.encode(), headers=_headers(notice, to), timeout=seconds, stream=True,
                allow_redirects=False,
            )  # fmt: skip
        except Exception as failure:  # whatever it is, the notice was not taken, and is posted again
            return _reason(failure, watch, seconds)
        response.close()
    if watch.overdue:  # a head that is cut off looks whole
        return _too_late(seconds)
    if 300 <= response.status_code < 400:
        return f"it answered {response.status_code}: a notice does not follow to another address"
    return None if response.ok else f"it answered {response.status_code}"


def _headers(notice: Notice, to: _To) -> dict[str, str]:
    """Signed with the tenant's own secret, where it has one."""
    sent = {
        "Host": to.netloc,
        "Content-Type": "application/json",
        "User-Agent": "scim-bridge",
        "webhook-id": notice.id,
        "webhook-timestamp": str(int(notice.at.timestamp())),
    }
    if notice.secret is None:
        return sent
    return {**sent, "webhook-signature": Webhook(notice.secret).sign(notice.id, notice.at, notice.body)}


def _reason(failure: Exception, watch: Watch, seconds: float) -> str:
    if isinstance(failure, Unreachable):
        return failure.detail
    if watch.overdue or isinstance(failure, requests.Timeout):
        return _too_late(seconds)
    return "the connection was lost before an answer came"


def _too_late(seconds: float) -> str:
    return f"no answer within {seconds:g} s"


def _is_public(text: str) -> bool:
    """Neither of this machine nor of a private network, nor the one of a cloud's metadata (link-local)."""
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_global and not address.is_multicast
