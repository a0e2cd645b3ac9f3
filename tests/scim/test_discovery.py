import pytest

from scim_bridge.scim.bulk import MAX_PAYLOAD_SIZE
from scim_bridge.scim.discovery import CURSOR_SECONDS, resource_types, schemas, service_provider_config
from scim_bridge.scim.queries import DEFAULT_COUNT, MAX_COUNT
from scim_bridge.scim.schema import ENTERPRISE_USER, GROUP, USER

BASE = "https://scim.example.com/scim/v2"


def _everything():
    return [service_provider_config(BASE), *resource_types(BASE), *schemas(BASE)]


def _values(value):
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from _values(one)


def _attribute(urn, name):
    schema = next(schema for schema in schemas(BASE) if schema["id"] == urn)
    return next(attribute for attribute in schema["attributes"] if attribute["name"] == name)


def test_41_no_null_stands_anywhere():
    assert None not in list(_values(_everything()))


def test_39_every_resource_says_where_it_is():
    for resource in _everything():
        assert resource["meta"]["location"].startswith(BASE + "/" + resource["meta"]["resourceType"][:6])


def test_24_the_configuration_is_truthful():
    config = service_provider_config(BASE)
    supported = {name for name, value in config.items() if isinstance(value, dict) and value.get("supported")}

    assert supported == {"patch", "bulk", "filter", "sort", "etag"}
    assert config["filter"]["maxResults"] == MAX_COUNT
    assert config["bulk"] == {"supported": True, "maxOperations": 1000, "maxPayloadSize": MAX_PAYLOAD_SIZE}


def test_authentik_finds_a_sensible_size_for_its_patches():
    """Quirk 79."""
    assert service_provider_config(BASE)["bulk"]["maxOperations"] >= 100


def test_the_kinds_of_pages_are_declared_as_rfc_9865_has_it():
    assert service_provider_config(BASE)["pagination"] == {
        "cursor": True,
        "index": True,
        "defaultPaginationMethod": "index",
        "defaultPageSize": DEFAULT_COUNT,
        "maxPageSize": MAX_COUNT,
        "cursorTimeout": CURSOR_SECONDS,
    }


def test_25_the_authentication_scheme_is_a_bearer_token():
    schemes = service_provider_config(BASE)["authenticationSchemes"]

    assert [scheme["type"] for scheme in schemes] == ["oauthbearertoken"]


def test_32_the_resource_types_name_their_schemas():
    user, group = resource_types(BASE)

    assert (user["endpoint"], user["schema"]) == ("/Users", USER.urn)
    assert user["schemaExtensions"] == [{"schema": ENTERPRISE_USER.urn, "required": False}]
    assert (group["endpoint"], group["schema"], group["schemaExtensions"]) == ("/Groups", GROUP.urn, [])


def test_28_every_schema_in_use_is_listed_once():
    assert [schema["id"] for schema in schemas(BASE)] == [USER.urn, ENTERPRISE_USER.urn, GROUP.urn]


def test_33_every_attribute_has_its_characteristics():
    for schema in schemas(BASE):
        for attribute in schema["attributes"]:
            assert {"name", "type", "multiValued", "required", "caseExact", "mutability", "returned"} <= set(attribute)


def test_43_only_simple_attributes_have_a_uniqueness():
    assert _attribute(USER.urn, "userName")["uniqueness"] == "server"
    assert "uniqueness" not in _attribute(USER.urn, "name")


def test_42_the_name_of_a_group_is_required():
    assert _attribute(GROUP.urn, "displayName")["required"] is True


@pytest.mark.parametrize("urn", [USER.urn, GROUP.urn])
def test_the_external_id_is_listed(urn):
    """Quirk 90."""
    assert _attribute(urn, "externalId")["caseExact"] is True


def test_86_emails_have_no_display():
    assert [sub["name"] for sub in _attribute(USER.urn, "emails")["subAttributes"]] == ["value", "type", "primary"]


def test_what_is_not_kept_is_not_listed():
    assert "password" not in [attribute["name"] for attribute in schemas(BASE)[0]["attributes"]]


def test_members_promise_no_display_since_none_is_kept():
    assert {sub["name"] for sub in _attribute(GROUP.urn, "members")["subAttributes"]} == {"value", "$ref", "type"}
