"""Leaving and coming back: out of the groups whatever the IdP goes on saying, in again on a return; and the loss of the
last group in scope."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Connection, select

from scim_bridge.offboarding.cases import RETURNED
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.tables import cases, steps
from scim_bridge.offboarding.triggers import Leaver
from scim_bridge.provisioning import leaving, recompute
from scim_bridge.provisioning.policy import Rule
from scim_bridge.provisioning.tables import accounts
from scim_bridge.scim.filter_parser import parse
from scim_bridge.scim.members import MemberChange
from scim_bridge.scim.resources import USER_TYPE
from tests.clock import SteppedClock
from tests.provisioning.acme import Acme, policy

Losing = Callable[[Acme, str, str], None]
MAKERS = Rule("makers", parse('title eq "Maker"', USER_TYPE), 'title eq "Maker"', "Makers")
SCOPED = policy(scope=("UG_*",), on_scope_loss=recipe_of("lock", "leave_groups"))


def hr_event(acme: Acme, user_id: str, trigger: str = "hr_event") -> str | None:
    """The HR system, or who else, says that this person leaves."""
    return leaving.leave(acme.connection, acme.policy, Leaver("acme", user_id, trigger, "hr"), acme.clock())


def come_back(acme: Acme, user_id: str) -> None:
    leaving.come_back(acme.connection, acme.policy, user_id, acme.clock())


def groups_of(acme: Acme, user_id: str) -> int:
    """In how many Hexnode groups the person should be."""
    return sum(placed == user_id for _, placed in acme.placed())


def open_cases(connection: Connection) -> list[tuple[str, str]]:
    """(trigger, person) of each open case."""
    query = select(cases.c.trigger, cases.c.user_id).where(cases.c.closed_at.is_(None))
    return sorted((trigger, user_id) for trigger, user_id in connection.execute(query))


# --- leaving, while the IdP says that the person works here ---


def test_who_leaves_is_out_of_all_groups_and_is_locked(acme: Acme) -> None:
    acme.policy = policy(rules=(MAKERS,))
    ada, eve = acme.user("ada@acme.test", title="Maker"), acme.user("eve@acme.test", title="Maker")
    acme.group("Sales", ada, eve)
    assert hr_event(acme, ada) is not None
    assert (groups_of(acme, ada), groups_of(acme, eve)) == (0, 2)
    assert open_cases(acme.connection) == [("hr_event", ada)]
    found = acme.connection.execute(select(steps.c.kind, steps.c.state).order_by(steps.c.position)).all()
    assert [tuple(row) for row in found] == [("lock", "ready"), ("leave_groups", "accepted")]


def test_who_has_left_is_not_made_again_at_hexnode_until_the_return(acme: Acme) -> None:
    ada = acme.user("ada@acme.test")
    wished = select(accounts.c.desired_present).where(accounts.c.user_id == ada)
    hr_event(acme, ada)
    acme.put(ada, displayName="Ada L.")
    assert acme.connection.execute(wished).scalar_one() is False
    come_back(acme, ada)
    assert acme.connection.execute(wished).scalar_one() is True


def test_whatever_the_idp_goes_on_saying_the_person_stays_out(acme: Acme) -> None:
    acme.policy = policy(rules=(MAKERS,))
    ada = acme.user("ada@acme.test")
    sales = acme.group("Sales", ada)
    acme.put(ada, title="Maker")
    hr_event(acme, ada)
    for _ in range(2):
        acme.write(sales, "Sellers")
        acme.leave(sales, ada)
        acme.join(sales, ada)
        acme.write(sales, changes=[MemberChange("replace", (ada,))])
        acme.put(ada, title="Clerk")
        acme.put(ada, title="Maker")
        acme.put(ada, displayName="Ada L.")
        recompute.tenant(acme.connection, acme.policy, acme.clock())
        acme.policy = replace(acme.policy, protected_users=("root*",))
    assert groups_of(acme, ada) == 0


def test_a_case_that_is_done_lets_nobody_in_again(acme: Acme) -> None:
    acme.policy = policy(on_hr_event=recipe_of("leave_groups"))
    ada = acme.user("ada@acme.test")
    sales = acme.group("Sales", ada)
    hr_event(acme, ada)
    assert open_cases(acme.connection) == []
    acme.write(sales, changes=[MemberChange("replace", (ada,))])
    assert groups_of(acme, ada) == 0


def test_active_true_again_for_somebody_who_was_never_inactive_changes_nothing(acme: Acme) -> None:
    ada = acme.user("ada@acme.test", active=True)
    acme.group("Sales", ada)
    hr_event(acme, ada)
    before = open_cases(acme.connection)
    acme.put(ada, active=True)
    acme.put(ada, active=True, displayName="Ada")
    assert (groups_of(acme, ada), open_cases(acme.connection)) == (0, before)


def test_a_recipe_without_leave_groups_leaves_the_groups(acme: Acme) -> None:
    acme.policy = policy(on_hr_event=recipe_of("lock"))
    ada = acme.user("ada@acme.test")
    acme.group("Sales", ada)
    hr_event(acme, ada)
    assert (groups_of(acme, ada), len(open_cases(acme.connection))) == (1, 1)


def test_somebody_inactive_who_kept_the_groups_leaves_them_too(acme: Acme) -> None:
    acme.policy = policy(on_deactivate=recipe_of("lock"))
    ada = acme.user("ada@acme.test")
    acme.group("Sales", ada)
    acme.put(ada, active=False)
    assert groups_of(acme, ada) == 1
    hr_event(acme, ada)
    assert groups_of(acme, ada) == 0
    recompute.tenant(acme.connection, acme.policy, acme.clock())
    assert groups_of(acme, ada) == 0


@pytest.mark.parametrize("user_name", ["ceo@acme.test", "CEO@acme.test"])
def test_a_protected_person_has_no_case_and_keeps_the_groups(acme: Acme, user_name: str) -> None:
    acme.policy = policy(on_scope_loss=recipe_of("lock"))
    chief = acme.user(user_name)
    sales = acme.group("Sales", chief)
    acme.policy = replace(acme.policy, protected_users=("ceo@*",))
    assert hr_event(acme, chief) is None
    acme.leave(sales, chief)
    assert (groups_of(acme, chief), open_cases(acme.connection)) == (1, [])


def test_an_id_of_nobody_has_no_case(acme: Acme) -> None:
    assert hr_event(acme, "nobody") is None
    assert open_cases(acme.connection) == []


def test_a_stronger_word_takes_the_case_over_and_the_groups_with_it(acme: Acme) -> None:
    acme.policy = policy(on_offboard=recipe_of("lock"))
    ada = acme.user("ada@acme.test")
    acme.group("Sales", ada)
    first = hr_event(acme, ada, "operator")
    assert groups_of(acme, ada) == 1
    assert hr_event(acme, ada) == first
    assert (groups_of(acme, ada), open_cases(acme.connection)) == (0, [("hr_event", ada)])


# --- and back ---


def test_who_comes_back_is_in_the_groups_again_and_what_was_not_sent_is_cancelled(acme: Acme) -> None:
    ada = acme.user("ada@acme.test")
    sales, team = acme.group("Sales", ada), acme.group("Team", ada)
    hr_event(acme, ada)
    acme.leave(team, ada)
    come_back(acme, ada)
    assert acme.placed() == {(f"scim:{sales}", ada)}
    assert open_cases(acme.connection) == []
    lock = acme.connection.execute(select(steps).where(steps.c.kind == "lock")).one()
    assert (lock.state, lock.note) == ("cancelled", RETURNED)
    acme.join(team, ada)
    assert groups_of(acme, ada) == 2


def test_who_was_inactive_and_is_active_again_is_back_whoever_opened_the_case(acme: Acme) -> None:
    ada = acme.user("ada@acme.test")
    acme.group("Sales", ada)
    hr_event(acme, ada)
    acme.put(ada, active=False)
    assert open_cases(acme.connection) == [("hr_event", ada)]
    acme.put(ada, active=True)
    assert (groups_of(acme, ada), open_cases(acme.connection)) == (1, [])


def test_a_return_after_the_case_was_done_brings_the_groups_back(acme: Acme) -> None:
    acme.policy = policy(on_hr_event=recipe_of("leave_groups"), on_deactivate=recipe_of("leave_groups"))
    ada = acme.user("ada@acme.test")
    acme.group("Sales", ada)
    hr_event(acme, ada)
    acme.put(ada, active=False)
    acme.put(ada, active=True)
    assert groups_of(acme, ada) == 1


def test_a_case_that_a_person_cancels_gives_no_groups_to_somebody_inactive(acme: Acme) -> None:
    ada = acme.user("ada@acme.test")
    acme.group("Sales", ada)
    acme.put(ada, active=False)
    come_back(acme, ada)
    assert (groups_of(acme, ada), open_cases(acme.connection)) == (0, [])


def test_a_return_is_of_that_person_only(acme: Acme) -> None:
    ada, eve = acme.user("ada@acme.test"), acme.user("eve@acme.test")
    acme.group("Sales", ada, eve)
    for user_id in (ada, eve):
        hr_event(acme, user_id)
    come_back(acme, ada)
    assert (groups_of(acme, ada), groups_of(acme, eve)) == (1, 0)
    assert open_cases(acme.connection) == [("hr_event", eve)]


# --- the last group in scope ---


@pytest.fixture
def scoped(connection: Connection, clock: SteppedClock) -> Acme:
    """A tenant whose policy has a recipe for the loss of scope."""
    return Acme(connection, clock, SCOPED)


def by_remove(acme: Acme, group_id: str, user_id: str) -> None:
    acme.leave(group_id, user_id)


def by_replace(acme: Acme, group_id: str, _: str) -> None:
    acme.write(group_id, changes=[MemberChange("replace", ())])


def by_delete(acme: Acme, group_id: str, _: str) -> None:
    acme.delete_group(group_id)


WAYS = pytest.mark.parametrize("lose", [by_remove, by_replace, by_delete])


@WAYS
def test_who_is_taken_out_of_the_last_group_in_scope_leaves(scoped: Acme, lose: Losing) -> None:
    ada = scoped.user("ada@acme.test")
    lose(scoped, scoped.group("UG_Sales", ada), ada)
    assert (open_cases(scoped.connection), groups_of(scoped, ada)) == ([("scope_lost", ada)], 0)


@WAYS
@pytest.mark.parametrize("others", ["another", "nested", "nested twice"])
def test_who_is_still_in_scope_elsewhere_stays(scoped: Acme, lose: Losing, others: str) -> None:
    ada = scoped.user("ada@acme.test")
    sales = scoped.group("UG_Sales", ada)
    inner = ada
    for _ in range({"another": 0, "nested": 1, "nested twice": 2}[others]):
        inner = scoped.group("Inner", inner) if inner == ada else scoped.group("Middle", inner)
    scoped.group("UG_Other", inner)
    lose(scoped, sales, ada)
    assert (open_cases(scoped.connection), groups_of(scoped, ada)) == ([], 1)


@WAYS
def test_another_group_that_is_not_in_scope_keeps_nobody(scoped: Acme, lose: Losing) -> None:
    ada = scoped.user("ada@acme.test")
    scoped.group("Canteen", ada)
    lose(scoped, scoped.group("UG_Sales", ada), ada)
    assert open_cases(scoped.connection) == [("scope_lost", ada)]


@WAYS
def test_who_is_inactive_already_has_no_second_case_and_no_other_trigger(scoped: Acme, lose: Losing) -> None:
    ada, eve = scoped.user("ada@acme.test"), scoped.user("eve@acme.test", active=False)
    sales, team = scoped.group("UG_Sales", ada), scoped.group("UG_Team", eve)
    scoped.put(ada, active=False)
    for group_id, user_id in ((sales, ada), (team, eve)):
        lose(scoped, group_id, user_id)
    assert open_cases(scoped.connection) == [("deactivated", ada)]


@WAYS
def test_without_a_recipe_for_it_nobody_leaves(acme: Acme, lose: Losing) -> None:
    ada = acme.user("ada@acme.test")
    lose(acme, acme.group("Sales", ada), ada)
    assert (open_cases(acme.connection), groups_of(acme, ada)) == ([], 0)


def test_a_group_out_of_scope_takes_nobody_out_of_it(scoped: Acme) -> None:
    ada = scoped.user("ada@acme.test")
    scoped.leave(scoped.group("Canteen", ada), ada)
    assert open_cases(scoped.connection) == []


def test_only_those_who_are_taken_out_leave(scoped: Acme) -> None:
    ada, eve = scoped.user("ada@acme.test"), scoped.user("eve@acme.test")
    sales = scoped.group("UG_Sales", ada, eve)
    scoped.write(sales, changes=[MemberChange("replace", (eve,))])
    assert open_cases(scoped.connection) == [("scope_lost", ada)]


def test_a_policy_that_takes_a_group_out_of_scope_opens_no_case(scoped: Acme) -> None:
    """It was the admin who changed the scope: nobody has left."""
    ada = scoped.user("ada@acme.test")
    sales = scoped.group("UG_Sales", ada)
    scoped.policy = replace(SCOPED, scope=("Other*",))
    recompute.tenant(scoped.connection, scoped.policy, scoped.clock())
    scoped.leave(sales, ada)
    assert open_cases(scoped.connection) == []


def test_a_group_that_is_renamed_out_of_scope_opens_no_case(scoped: Acme) -> None:
    ada = scoped.user("ada@acme.test")
    scoped.write(scoped.group("UG_Sales", ada), "Sales")
    assert (open_cases(scoped.connection), groups_of(scoped, ada)) == ([], 0)


def test_nobody_who_was_never_in_scope_leaves_it(scoped: Acme) -> None:
    scoped.user("ada@acme.test")
    scoped.group("UG_Sales")
    recompute.tenant(scoped.connection, scoped.policy, scoped.clock())
    assert open_cases(scoped.connection) == []


def test_leaving_a_group_one_is_not_in_opens_no_case(scoped: Acme) -> None:
    ada = scoped.user("ada@acme.test")
    scoped.leave(scoped.group("UG_Sales"), ada)
    assert open_cases(scoped.connection) == []


def test_who_is_put_into_scope_again_is_back(scoped: Acme) -> None:
    ada, eve = scoped.user("ada@acme.test"), scoped.user("eve@acme.test")
    sales = scoped.group("UG_Sales", ada, eve)
    scoped.leave(sales, ada, eve)
    scoped.join(sales, ada)
    leaving.back_in_scope(scoped.connection, scoped.policy, [ada], scoped.clock())
    assert (groups_of(scoped, ada), groups_of(scoped, eve)) == (1, 0)
    assert open_cases(scoped.connection) == [("scope_lost", eve)]


def test_who_is_put_into_scope_again_after_the_case_was_done_is_in_the_groups_again(scoped: Acme) -> None:
    scoped.policy = replace(SCOPED, on_scope_loss=recipe_of("leave_groups"))
    ada = scoped.user("ada@acme.test")
    sales = scoped.group("UG_Sales", ada)
    scoped.leave(sales, ada)
    scoped.join(sales, ada)
    leaving.back_in_scope(scoped.connection, scoped.policy, [ada], scoped.clock())
    assert (groups_of(scoped, ada), open_cases(scoped.connection)) == (1, [])


@pytest.mark.parametrize("trigger", ["operator", "hr_event"])
def test_a_group_in_scope_brings_nobody_back_who_left_otherwise(scoped: Acme, trigger: str) -> None:
    ada = scoped.user("ada@acme.test")
    sales = scoped.group("UG_Sales", ada)
    hr_event(scoped, ada, trigger)
    scoped.leave(sales, ada)
    scoped.join(sales, ada)
    leaving.back_in_scope(scoped.connection, scoped.policy, [ada], scoped.clock())
    assert (groups_of(scoped, ada), open_cases(scoped.connection)) == (0, [(trigger, ada)])


# --- whatever comes after ---


def test_a_group_joined_only_after_leaving_takes_nobody_in(acme: Acme) -> None:
    acme.policy = policy(rules=(MAKERS,))
    ada = acme.user("ada@acme.test")
    acme.group("Sales", ada)
    hr_event(acme, ada)
    acme.join(acme.group("Team"), ada)
    acme.put(ada, title="Maker")
    acme.group("New", ada)
    assert groups_of(acme, ada) == 0
    come_back(acme, ada)
    assert groups_of(acme, ada) == 4


def test_somebody_without_any_group_who_leaves_is_taken_into_none(acme: Acme) -> None:
    ada = acme.user("ada@acme.test")
    hr_event(acme, ada)
    acme.group("Sales", ada)
    assert groups_of(acme, ada) == 0


def test_the_idp_brings_back_whom_it_puts_into_scope_again(scoped: Acme) -> None:
    ada = scoped.user("ada@acme.test")
    sales = scoped.group("UG_Sales", ada)
    scoped.leave(sales, ada)
    scoped.join(sales, ada)
    assert (groups_of(scoped, ada), open_cases(scoped.connection)) == (1, [])
