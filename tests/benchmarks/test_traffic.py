"""Every request of the benchmarks does what its line says, and does it again with every number."""

import pytest
from sqlalchemy import func, select

from scim_bridge.db.engine import reading
from scim_bridge.directory.tables import memberships
from scim_bridge.provisioning.policy import Policy, PortalPolicy, TenantPolicy
from tests.app import ScimClient
from tests.benchmarks import traffic
from tests.benchmarks.filling import PORTAL, TENANT, fill

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SIZE = 300
# More than there are small groups, so that each of them has its turn and some have a second one.
NUMBERS = range(40)


@pytest.fixture
def send(engine, clock):
    """Sends a request to a filled tenant and gives the answer."""
    fill(engine, SIZE)
    portal = PortalPolicy(PORTAL, "http://127.0.0.1:1/api/v1/", "nobody-asks")
    policy = Policy({PORTAL: portal}, {TENANT: TenantPolicy(TENANT, PORTAL)})
    scim = ScimClient(engine, policy, clock, TENANT)
    return lambda request: scim.send(
        request.method, f"{request.path.removeprefix('/scim/v2')}?{request.query}", request.body
    )


def answers(send, operation):
    found = [send(operation.request(number)) for number in NUMBERS]
    assert {answer.status_code for answer in found} == {operation.status}
    return found


def test_each_look_up_finds_one_person_and_always_another(send):
    lists = [answer.json for answer in answers(send, traffic.look_up(SIZE))]
    assert {found["totalResults"] for found in lists} == {1}
    assert len({found["Resources"][0]["id"] for found in lists}) == len(NUMBERS)


def test_each_create_makes_somebody_new(send):
    assert len({answer.json["id"] for answer in answers(send, traffic.create())}) == len(NUMBERS)


def test_each_patch_of_a_user_changes_that_user(send):
    versions = [answer.json["meta"]["version"] for answer in answers(send, traffic.patch_user(SIZE))]
    assert all(version.startswith('W/"2') for version in versions)


@pytest.mark.parametrize("large", [False, True])
def test_each_member_that_is_removed_was_there_and_comes_back(send, engine, large):
    def count():
        with reading(engine) as connection:
            return connection.execute(select(func.count()).select_from(memberships)).scalar_one()

    answers(send, traffic.remove_member(SIZE, large=large))
    assert count() == 2 * SIZE - len(NUMBERS)
    answers(send, traffic.add_member(SIZE, large=large))
    assert count() == 2 * SIZE


def test_a_page_is_full(send):
    assert {len(a.json["Resources"]) for a in answers(send, traffic.page("page", "startIndex=1"))} == {traffic.PAGE}
