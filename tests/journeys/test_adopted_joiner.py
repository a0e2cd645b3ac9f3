"""A joiner whom Hexnode knows already by address: linked, placed, never created."""

from tests.journeys.conftest import SURVEY, change_members, create_group, create_user, edit_user

DEVICES, USERS, GROUPS = SURVEY


def joins(built, **attributes):
    built.scim.group("Sales", built.scim.user("ada@acme.test", **attributes))
    built.deliver()


def test_somebody_known_under_the_same_name_is_only_placed(built):
    built.control("POST", "users", {"name": "Ada", "email": "Ada@ACME.test"})
    joins(built, displayName="Ada", emails=[{"value": "Ada@ACME.test"}])
    assert built.told() == [DEVICES, USERS, GROUPS, create_group("Sales", 2)]


def test_somebody_known_under_another_name_gets_the_directorys(built):
    built.control("POST", "users", {"name": "Lovelace", "email": "ada@acme.test", "phoneno": "+15550100"})
    joins(built, displayName="Ada")
    edit = edit_user(2, "Ada", "ada@acme.test", "+15550100")
    assert built.told() == [DEVICES, USERS, GROUPS, create_group("Sales", 2), edit]


def test_somebody_managed_by_a_directory_of_hexnode_is_placed_and_left_as_he_is(built):
    built.control("POST", "users", {"name": "Lovelace", "email": "ada@acme.test", "domain": "acme.onmicrosoft.com"})
    joins(built, displayName="Ada")
    assert built.told() == [DEVICES, USERS, GROUPS, create_group("Sales", 2)]


def test_somebody_made_in_the_console_after_the_last_survey_is_found_after_the_refusal(company):
    company.built.control("POST", "users", {"name": "Cyd", "email": "cyd@acme.test"})
    company.moves(company.hires("Cyd"), "add", company.sales)
    company.told()
    company.built.clock.advance(minutes=3)
    assert company.told() == [create_user("Cyd", "cyd@acme.test"), USERS, change_members(1, add=(4,))]
