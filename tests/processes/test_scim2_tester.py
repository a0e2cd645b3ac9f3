"""scim2-tester, a conformance suite that others wrote, against a server that runs as it does in production."""

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import CheckResult, Status, check_server

# What the suite looks at. It leaves out what the server says that it cannot do.
KINDS = (
    "discovery service-provider-config resource-types schemas "
    "crud:create crud:read crud:read:attributes crud:update crud:delete patch:add patch:remove patch:replace misc"
)


def checked(url: str, bearer: str) -> list[CheckResult]:
    """What it finds, of the resources that the server itself describes."""
    headers = {"Authorization": f"Bearer {bearer}"}
    with Client(base_url=f"{url}/scim/v2", headers=headers, timeout=30) as http:
        client = SyncSCIMClient(http)
        client.discover()
        return check_server(client)


def test_every_check_passes_and_none_is_skipped(running):
    _, url = running.web()
    results = checked(url, running.token())
    assert [f"{each.title}: {each.reason}" for each in results if each.status is not Status.SUCCESS] == []
    assert {tag for each in results for tag in each.tags} >= set(KINDS.split())
    assert {each.resource_type for each in results} >= {"User", "Group"}
