"""People who swap mail addresses in a circle: Hexnode refuses each of them while another has the address, so one steps
aside for a moment, and each ends with the address of its person. Whatever comes in between, nobody stays aside."""

import pytest

from tests.bridge import bridge
from tests.delivery.trouble import fault, why
from tests.journeys.conftest import edit_user
from tests.journeys.seldom import looking_seldom

OTHERS = ("eve", "ivy")


def aside(hexnode_id):
    return f"aside-{hexnode_id}@scim-bridge.invalid"


@pytest.fixture
def built(engine, clock):
    with bridge(engine, clock) as built:
        yield looking_seldom(built)


def gets(company, user_id, name):
    company.patch_user(user_id, "emails", [{"value": f"{name}@acme.test", "type": "work", "primary": True}])


def swap(company):
    gets(company, company.ada, "bob")
    gets(company, company.bob, "ada")


def addresses(company):
    return {user.id: user.email for user in company.built.portal.users.values() if user.email}


def rest(company):
    """Nothing waits, for a person or otherwise, and a survey changes nothing."""
    end = company.built.ledger_end()
    company.built.clock.advance(days=1)
    company.built.deliver()
    told = [method for method, _, _ in company.built.told(end)]
    return "GET" in told and "PUT" not in told and why(company.built.engine) == []


BEFORE, SWAPPED = {2: "ada@acme.test", 3: "bob@acme.test"}, {2: "bob@acme.test", 3: "ada@acme.test"}
STEPS = [edit_user(3, "Bob", aside(3)), edit_user(2, "Ada", "bob@acme.test"), edit_user(3, "Bob", "ada@acme.test")]


def test_two_people_swap_by_three_edits(company):
    swap(company)
    assert company.told() == STEPS
    assert addresses(company) == SWAPPED
    assert rest(company)


def test_two_people_swap_with_a_delivery_in_between(company):
    gets(company, company.ada, "bob")
    assert company.told() == []
    gets(company, company.bob, "ada")
    assert company.told() == STEPS
    assert addresses(company) == SWAPPED


@pytest.mark.parametrize("people", [3, 4])
def test_a_circle_of_more_takes_one_edit_more_than_there_are_people(company, people):
    ids = [company.ada, company.bob, *(company.hires(name) for name in OTHERS[: people - 2])]
    company.built.deliver()
    start, names = company.built.ledger_end(), ["ada", "bob", *OTHERS][:people]
    for user_id, name in zip(ids, [*names[1:], names[0]], strict=True):
        gets(company, user_id, name)
    company.built.deliver()
    assert list(addresses(company).values()) == [f"{name}@acme.test" for name in [*names[1:], names[0]]]
    assert [method for method, _, _ in company.built.told(start)] == ["PUT"] * (people + 1)
    assert rest(company)


def test_a_swap_that_is_taken_back_before_anything_is_sent_costs_no_call(company):
    swap(company)
    gets(company, company.ada, "ada")
    gets(company, company.bob, "bob")
    assert company.told() == []
    assert rest(company)


def test_nobody_steps_aside_for_somebody_who_stays_after_all(company):
    swap(company)
    gets(company, company.ada, "ada")
    assert company.told() == []
    assert addresses(company) == BEFORE


def steps(company, count):
    """Hexnode takes so many edits."""
    driver, start = company.built.driver(), company.built.ledger_end()
    while len(company.built.told(start)) < count:
        company.built.clock.advance(milliseconds=1)
        driver.step()


def looks(company):
    """The driver goes on for a moment."""
    driver = company.built.driver()
    for _ in range(3):
        company.built.clock.advance(milliseconds=1)
        driver.step()


def at_once(company):
    """No call is made in between."""


@pytest.mark.parametrize(("sent", "go_on"), [(1, looks), (1, at_once), (2, looks), (3, at_once)])
@pytest.mark.parametrize("order", [("ada", "bob"), ("bob", "ada")], ids="-".join)
def test_a_swap_taken_back_at_any_moment_leaves_everybody_as_before(company, sent, go_on, order):
    swap(company)
    steps(company, sent)
    for name in order:
        gets(company, getattr(company, name), name)
        go_on(company)
    company.built.deliver()
    assert addresses(company) == BEFORE
    assert rest(company)


@pytest.mark.parametrize("sent", [0, 1, 2])
def test_another_address_for_the_one_who_stepped_aside(company, sent):
    swap(company)
    steps(company, sent)
    gets(company, company.bob, "robert")
    company.built.deliver()
    assert addresses(company) == {2: "bob@acme.test", 3: "robert@acme.test"}
    assert rest(company)


@pytest.mark.parametrize("sent", [0, 1])
def test_another_address_for_the_other(company, sent):
    swap(company)
    steps(company, sent)
    gets(company, company.ada, "ada.new")
    company.built.deliver()
    assert addresses(company) == {2: "ada.new@acme.test", 3: "ada@acme.test"}
    assert rest(company)


def test_nobody_steps_aside_for_somebody_who_leaves(company):
    swap(company)
    company.patch_user(company.ada, "active", False)
    company.built.deliver()
    assert addresses(company) == BEFORE
    company.patch_user(company.ada, "active", True)
    company.built.deliver()
    assert addresses(company) == SWAPPED


@pytest.mark.parametrize("name", ["ada", "bob"])
def test_who_leaves_when_somebody_is_aside_already_and_comes_back_gets_what_was_wished(company, name):
    swap(company)
    steps(company, 1)
    company.patch_user(getattr(company, name), "active", False)
    company.built.deliver()
    company.patch_user(getattr(company, name), "active", True)
    company.built.deliver()
    assert addresses(company) == SWAPPED
    assert rest(company)


@pytest.mark.parametrize("kind", ["status_before_effect", "status_after_effect"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_edit_of_unknown_outcome_is_sent_again(company, kind, number):
    swap(company)
    steps(company, number)
    fault(company.built, path="users/", method="PUT", kind=kind, status=500)
    company.built.deliver()
    assert addresses(company) == SWAPPED
    assert len(company.built.calls("PUT")) == 4
    assert rest(company)


def test_a_swap_taken_back_while_it_is_unknown_who_stepped_aside(company):
    fault(company.built, path="users/", method="PUT", kind="status_after_effect", status=500)
    swap(company)
    steps(company, 1)
    assert addresses(company) == {2: "ada@acme.test", 3: aside(3)}
    gets(company, company.ada, "ada")
    gets(company, company.bob, "bob")
    company.built.deliver()
    assert addresses(company) == BEFORE
    assert rest(company)


def test_an_address_that_hexnode_refuses_meanwhile_tells_each_what_to_do_and_they_follow(company):
    fault(company.built, path="users/", method="PUT", kind="status_before_effect", status=400)
    swap(company)
    assert company.told() == STEPS[:1]
    remedies = why(company.built.engine)
    assert len(remedies) == 2
    assert all("EMAIL_TAKEN" in remedy and "Hexnode's console" in remedy for remedy in remedies)
    company.built.control("POST", "console/users/2", {"email": "for.a.moment@acme.test"})
    company.built.clock.advance(days=1)
    assert [call for call in company.told() if call[0] == "PUT"] == [STEPS[0], STEPS[2], STEPS[1]]
    assert addresses(company) == SWAPPED
    assert rest(company)
