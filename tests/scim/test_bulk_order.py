"""The order of bulk operations: what is referred to first, circles in two halves, else the order of the request."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from scim_bridge.scim.bulk import BulkOperation, Malformed
from scim_bridge.scim.bulk_order import Step, planned
from scim_bridge.scim.errors import not_found
from scim_bridge.scim.resources import GROUP_TYPE
from tests.scim.bulk import new_group, new_user, patch_of


def _groups(*needs):
    """A POST of a group for each list of indexes, whose members are the groups at them."""
    return [new_group(str(index), *(f"bulkId:{need}" for need in needed)) for index, needed in enumerate(needs)]


def _order(operations):
    return [step.index for step in planned(operations).steps if not step.completes]


def _joining(group, *member_ids):
    return patch_of(group, {"op": "add", "path": "members", "value": list(member_ids)})


def test_without_references_the_order_is_that_of_the_request():
    assert planned(_groups((), (), ())).steps == (Step(0), Step(1), Step(2))
    assert planned([]).steps == ()


def test_214_a_forward_reference_waits_and_nothing_else_moves():
    assert _order(_groups((), (3,), (), (), (1,))) == [0, 2, 3, 1, 4]


def test_a_reference_to_what_nobody_creates_waits_for_nothing():
    malformed = Malformed("POST", "bad", not_found("x"))
    assert _order([new_group("a", "bulkId:bad", "bulkId:none"), malformed, _joining("7", "bulkId:a")]) == [0, 1, 2]


def test_a_bulk_id_of_what_is_no_post_creates_nothing():
    deletion = BulkOperation("DELETE", GROUP_TYPE, "7", {}, "gone")
    assert _order([new_group("a", "bulkId:gone"), deletion]) == [0, 1]


def test_214_operations_on_one_resource_keep_their_order():
    """The first waits for a user who comes later; the second must not overtake it."""
    deletion = BulkOperation("DELETE", GROUP_TYPE, "7", {})
    assert _order([_joining("7", "bulkId:u"), deletion, _joining("8", "3"), new_user("u")]) == [2, 3, 0, 1]


def test_215_a_circle_of_two_is_completed_when_both_are_there():
    plan = planned(_groups((1,), (0,)))
    assert plan.steps == (Step(1), Step(0), Step(1, completes=True))
    assert plan.put_off == {1: {"0"}}


def test_215_a_circle_of_many_puts_off_one_reference():
    plan = planned(_groups((1,), (2,), (3,), (0,), ()))
    assert plan.steps == (Step(3), Step(2), Step(1), Step(0), Step(3, completes=True), Step(4))


def test_215_a_circle_of_one_is_completed_at_once():
    assert planned([new_user("u", "bulkId:u")]).steps == (Step(0), Step(0, completes=True))


def test_what_is_done_to_a_resource_of_a_circle_waits_until_it_is_complete():
    emptying = patch_of("bulkId:b", {"op": "remove", "path": "members"})
    plan = planned([new_group("a", "bulkId:b", "bulkId:u"), emptying, new_group("b", "bulkId:a"), new_user("u")])
    assert plan.steps == (Step(2), Step(3), Step(0), Step(2, completes=True), Step(1))


def _reached(needs, start):
    """Everything that `start` refers to, at any remove."""
    reached, border = set(), set(needs[start])
    while border:
        reached |= border
        border = {far for near in border for far in needs[near]} - reached
    return reached


GRAPHS = st.integers(1, 12).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, size - 1), max_size=4, unique=True), min_size=size, max_size=size)
)


@given(GRAPHS)
@settings(max_examples=300, deadline=None)
def test_whatever_refers_to_whatever_the_plan_keeps_its_promises(needs):
    plan = planned(_groups(*needs))
    order = [step.index for step in plan.steps if not step.completes]
    place = {index: position for position, index in enumerate(order)}
    assert sorted(order) == list(range(len(needs)))
    for index, needed in enumerate(needs):
        for need in needed:
            put_off = str(need) in plan.put_off.get(index, ())
            assert put_off or place[need] < place[index]
            assert not put_off or index == need or index in _reached(needs, need)
    assert all(int(other) in needs[index] for index, others in plan.put_off.items() for other in others)


@given(GRAPHS)
@settings(max_examples=300, deadline=None)
def test_whatever_refers_to_whatever_each_half_is_completed_once_and_in_time(needs):
    plan = planned(_groups(*needs))
    completed = [step.index for step in plan.steps if step.completes]
    assert sorted(completed) == sorted(plan.put_off)
    for index, others in plan.put_off.items():
        before = plan.steps[: plan.steps.index(Step(index, completes=True))]
        assert {Step(index), *(Step(int(other)) for other in others)} <= set(before)


@given(GRAPHS)
@settings(max_examples=300, deadline=None)
def test_what_refers_backward_only_stays_where_it_is(needs):
    backward = [[need for need in needed if need < index] for index, needed in enumerate(needs)]
    assert planned(_groups(*backward)).steps == tuple(Step(index) for index in range(len(needs)))


def test_a_thousand_operations_that_all_refer_to_each_other_are_soon_in_order():
    size = 1000
    before = time.monotonic()
    ring = _groups(*([(index + 1) % size] for index in range(size)))
    dense = _groups(*(range(0, size, 20) for _ in range(size)))
    assert (len(_order(ring)), len(_order(dense))) == (size, size)
    assert time.monotonic() - before < 5
