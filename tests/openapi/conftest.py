"""The application with one tenant, and its description."""

import copy
from shutil import copyfile

import pytest

from scim_bridge.db.engine import connect
from tests.app import ScimClient, bare_app, one_tenant
from tests.openapi.run import described


@pytest.fixture(scope="session")
def served():
    """Read once: it is long."""
    whole = described(bare_app())
    # Webhooks are signed, which no machine-made request is: they have tests of their own (tests/web/test_hooks.py).
    return {**whole, "paths": {path: each for path, each in whole["paths"].items() if not path.startswith("/hooks/")}}


@pytest.fixture
def description(served):
    """The description as it is served; a test may change it."""
    return copy.deepcopy(served)


@pytest.fixture
def engine(sqlite, tmp_path):
    """On SQLite alone: what is described does not depend on the database."""
    fresh = connect(f"sqlite:///{copyfile(sqlite, tmp_path / 'bridge.db')}")
    yield fresh
    fresh.dispose()


@pytest.fixture
def scim(engine, clock):
    """A client of the tenant `acme`."""
    return ScimClient(engine, one_tenant(), clock)
