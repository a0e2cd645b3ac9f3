"""A scripted portal, and transports and a client that talk to it."""

from collections.abc import Iterator

import pytest

from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.transport import Transport
from scim_bridge.hexnode.types import PortalAddress

from .portal import Portal

KEY = "Zk9-sTeLlaR_0451"


@pytest.fixture
def portal() -> Iterator[Portal]:
    server = Portal()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def transport(portal: Portal) -> Iterator[Transport]:
    transport = Transport(PortalAddress(portal.url, KEY), 10, 10, max_answer=2_000)
    yield transport
    transport.close()


@pytest.fixture
def hasty(portal: Portal) -> Iterator[Transport]:
    """Gives up a silent answer after 0.15 s and any answer after 0.3 s."""
    transport = Transport(PortalAddress(portal.url, KEY), 0.3, 0.15, max_answer=2_000)
    yield transport
    transport.close()


@pytest.fixture
def client(transport: Transport) -> Client:
    return Client(transport)
