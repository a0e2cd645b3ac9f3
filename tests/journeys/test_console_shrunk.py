"""A list, or a group, suddenly shows far less than was known: nothing is changed, and a person is told. Shown the same
twice, it is true."""

from scim_bridge.db.engine import reading
from scim_bridge.delivery import surveys
from tests.bridge import Bridge
from tests.journeys.test_console_deleted import written

PEOPLE = 12


def company(built: Bridge) -> None:
    """A dozen people in one group."""
    ids = [built.scim.user(f"user{number:02}@acme.test", displayName=f"User {number:02}") for number in range(PEOPLE)]
    built.scim.group("Everyone", *ids)
    built.deliver()
    assert len(built.hexnode_groups()["Everyone"]) == PEOPLE


def survey(built: Bridge) -> list[tuple[str, str, object]]:
    """What is written at Hexnode because of the next survey."""
    built.clock.advance(hours=6)
    before = built.ledger_end()
    built.deliver()
    return written(built.told(before))


def doubts(built: Bridge) -> list[str]:
    with reading(built.engine) as connection:
        return surveys.doubts(connection, "acme")


def test_a_list_that_is_cut_off_once_changes_nothing_and_is_said(built):
    company(built)
    built.control("POST", "console/lists/users", {"rows": 3, "reads": 1})
    assert survey(built) == []
    (said,) = doubts(built)
    assert "the list of users showed only 3 of the 13 that were known" in said
    assert survey(built) == []
    assert doubts(built) == []


def test_an_empty_list_of_groups_changes_nothing(built):
    company(built)
    built.control("POST", "console/lists/usergroups", {"rows": 0, "reads": 1})
    assert survey(built) == []
    assert len(doubts(built)) == 1


def test_a_mass_deletion_is_believed_when_two_surveys_show_it(built):
    company(built)
    for number in range(2, 9):
        built.control("DELETE", f"console/users/{number}")
    assert not [call for call in survey(built) if call[1] == "users/"]
    assert len(doubts(built)) >= 1
    told = survey(built)
    assert len([call for call in told if call[1] == "users/"]) == 7
    assert len(built.hexnode_groups()["Everyone"]) == PEOPLE
    assert survey(built) == []
    assert doubts(built) == []


def test_a_group_that_more_than_half_have_left_at_once_is_not_believed_at_first(built):
    company(built)
    built.control("POST", "console/groups/1", {"remove_users": list(range(2, 9))})
    assert survey(built) == []
    (said,) = doubts(built)
    assert "members of Everyone (group 1) showed only 5 of the 12" in said
    assert len(survey(built)) == 1
    assert len(built.hexnode_groups()["Everyone"]) == PEOPLE
    assert doubts(built) == []


def test_a_group_that_half_have_left_at_once_is_believed(built):
    company(built)
    built.control("POST", "console/groups/1", {"remove_users": list(range(2, 8))})
    assert len(survey(built)) == 1
    assert len(built.hexnode_groups()["Everyone"]) == PEOPLE
