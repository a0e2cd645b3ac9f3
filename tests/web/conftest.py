"""The application with one tenant, on each database."""

import pytest

from tests.app import ScimClient, one_tenant


@pytest.fixture
def scim(engine, clock):
    """A client of the tenant `acme`; its portal does not exist, so any call to Hexnode inside a request would show."""
    return ScimClient(engine, one_tenant(), clock)
