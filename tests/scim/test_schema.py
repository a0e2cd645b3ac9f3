import pytest

from scim_bridge.scim.schema import COMMON, ENTERPRISE_USER, GROUP, USER, Attribute


def _all_attributes() -> list[Attribute]:
    tops = [*COMMON, *(a for schema in (USER, ENTERPRISE_USER, GROUP) for a in schema.attributes)]
    return [*tops, *(sub for top in tops for sub in top.sub_attributes)]


@pytest.mark.parametrize("attribute", _all_attributes(), ids=lambda attribute: attribute.name)
def test_an_attribute_is_well_formed(attribute):
    assert attribute.description
    assert (attribute.type == "complex") == bool(attribute.sub_attributes)
    assert all(sub.type != "complex" for sub in attribute.sub_attributes)


def test_attributes_are_found_in_any_letter_case():
    assert USER.attribute("USERNAME") is USER.attribute("userName")
    assert USER.attribute("name").sub("GIVENNAME").name == "givenName"


def test_unknown_names_find_nothing():
    assert USER.attribute("bogus") is None
    assert USER.attribute("name").sub("bogus") is None


@pytest.mark.parametrize("name", ["emails", "phoneNumbers", "addresses"])
def test_what_entra_probes_has_no_display(name):
    """Quirk 86."""
    assert USER.attribute(name).sub("display") is None


def test_only_active_can_not_be_cleared_by_absence():
    assert [a.name for a in _all_attributes() if not a.clearable] == ["active"]


def test_all_but_the_password_is_returned_by_default():
    """So an answer that is asked for nothing special is the document as it is kept."""
    assert [a.name for a in _all_attributes() if a.returned in ("never", "request")] == ["password"]


def test_an_attribute_is_the_one_object_that_it_is():
    """Two of the same shape are two keys of a cache."""
    assert Attribute(name="x") != Attribute(name="x")
    assert USER.attribute("emails") == USER.attribute("EMAILS")
