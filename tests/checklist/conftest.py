"""Fixtures: the application with one tenant or with two, on SQLite unless a test asks for both databases."""

from dataclasses import replace
from typing import NamedTuple

import pytest

from scim_bridge.provisioning.policy import Policy
from tests.app import ScimClient, one_tenant


class Tenants(NamedTuple):
    """Two directories behind one application."""

    acme: ScimClient
    umbrella: ScimClient


@pytest.fixture(params=["sqlite"])
def database_url(database_url):
    """One database is enough where storage does not matter: the checklist is long, and has to stay quick."""
    return database_url


@pytest.fixture
def scim(engine, clock):
    """A client of the tenant `acme`."""
    return ScimClient(engine, one_tenant(), clock)


@pytest.fixture
def tenants(engine, clock):
    """Clients of the tenants `acme` and `umbrella`."""
    acme = one_tenant()
    both = Policy(acme.portals, {**acme.tenants, "umbrella": replace(acme.tenants["acme"], name="umbrella")})
    return Tenants(*(ScimClient(engine, both, clock, name) for name in ("acme", "umbrella")))


@pytest.fixture
def config(scim):
    """ServiceProviderConfig."""
    return scim.send("GET", "/ServiceProviderConfig").json
