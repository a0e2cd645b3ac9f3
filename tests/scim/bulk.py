"""Operations of bulk requests, as short as tests want to write them."""

from scim_bridge.scim.bulk import BulkOperation
from scim_bridge.scim.messages import PATCH_URN
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE

USER, GROUP, ENTERPRISE = USER_TYPE.schema.urn, GROUP_TYPE.schema.urn, USER_TYPE.extensions[0].urn


def new_group(bulk_id, *member_ids, **more):
    members = [{"value": member_id} for member_id in member_ids]
    data = {"schemas": [GROUP], "displayName": bulk_id, "members": members, **more}
    return BulkOperation("POST", GROUP_TYPE, None, data, bulk_id)


def new_user(bulk_id, manager=None):
    data = {"schemas": [USER], "userName": f"{bulk_id}@acme.test"}
    if manager is not None:
        data[ENTERPRISE] = {"department": "Docks", "manager": manager}
    return BulkOperation("POST", USER_TYPE, None, data, bulk_id)


def patch_of(target, *operations, resource_type=GROUP_TYPE):
    body = {"schemas": [PATCH_URN], "Operations": list(operations)}
    return BulkOperation("PATCH", resource_type, target, body)
