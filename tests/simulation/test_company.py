"""The model's own mapping: who should be where."""

from tests.simulation.company import Company, Person, Rules, Team

RULES = Rules("Team ", (("Sales", "Field"), ("Presales", "Field")), (("Docks", "Dockers"),), frozenset({"Field"}))


def company(*teams, people=3):
    made = Company({"acme": RULES})
    for number in range(1, people + 1):
        made.people[number] = Person("acme", number, f"P{number}", [f"p{number}@x"], department="Docks", active=True)
    made.teams = {team.number: team for team in teams}
    return made


def test_teams_in_scope_keep_their_name_mapped_ones_share_one_and_others_are_left_out():
    made = company(
        Team("acme", 1, "Team A", members={1}), Team("acme", 2, "Sales", members={1}),
        Team("acme", 3, "Presales", members={2}), Team("acme", 4, "Private", members={3}), people=3,
    )  # fmt: skip
    made.people[3].department = "Finance"
    assert made.wished_members() == {"Team A": {"p1@x"}, "Field": {"p1@x", "p2@x"}, "Dockers": {"p1@x", "p2@x"}}


def test_members_of_a_team_inside_belong_to_the_outer_one_even_in_a_circle():
    made = company(Team("acme", 1, "Team A", members={1}, inner={2}), Team("acme", 2, "Team B", members={2}, inner={1}))
    assert made.wished_members()["Team A"] == made.wished_members()["Team B"] == {"p1@x", "p2@x"}


def test_whoever_left_is_in_no_group():
    made = company(Team("acme", 1, "Team A", members={1, 2}))
    made.people[1].active = False
    assert made.wished_members() == {"Team A": {"p2@x"}, "Dockers": {"p2@x", "p3@x"}}


def test_a_directorys_user_keeps_the_address_that_hexnode_knows():
    person = Person("acme", 1, "P", ["old@x", "new@x"], managed=True)
    assert (person.email, person.hexnode_email) == ("new@x", "old@x")
