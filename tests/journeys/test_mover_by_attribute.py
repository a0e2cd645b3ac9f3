"""A change of a person's data: one edit with all that Hexnode wants to hear, and no call for what it does not hold."""

from tests.journeys.conftest import edit_user


def test_a_new_name(company):
    company.patch_user(company.ada, "displayName", "Ada Lovelace")
    assert company.told() == [edit_user(2, "Ada Lovelace", "ada@acme.test")]


def test_a_new_address_stays_the_same_hexnode_user(company):
    company.patch_user(company.ada, "emails", [{"value": "ada.lovelace@acme.test", "type": "work", "primary": True}])
    assert company.told() == [edit_user(2, "Ada", "ada.lovelace@acme.test")]
    assert company.built.portal.users[2].email == "ada.lovelace@acme.test"


def test_a_new_phone(company):
    company.patch_user(company.ada, "phoneNumbers", [{"type": "mobile", "value": "+15550100"}])
    assert company.told() == [edit_user(2, "Ada", "ada@acme.test", "+15550100")]


def test_an_attribute_that_hexnode_does_not_hold_costs_nothing(company):
    company.patch_user(company.ada, "title", "Countess")
    assert company.told() == []


def test_ten_renames_before_the_delivery_cost_one_call(company):
    for number in range(10):
        company.patch_user(company.ada, "displayName", f"Ada {number}")
    assert company.told() == [edit_user(2, "Ada 9", "ada@acme.test")]


def test_a_rename_that_is_taken_back_before_the_delivery_costs_nothing(company):
    company.patch_user(company.ada, "displayName", "Ada Lovelace")
    company.patch_user(company.ada, "displayName", "Ada")
    assert company.told() == []
