"""The judge of the kill switch finds each promise that is broken, and nothing else."""

from datetime import UTC, datetime, timedelta

from tests.killswitch.leaving import Leaving, Sent, faults
from tests.killswitch.table import Row, lines, percentile

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(seconds):
    return START + timedelta(seconds=seconds)


def people(count, first=0):
    return frozenset(f"p{number}" for number in range(first, first + count))


def leaving(*calls, left=None, locked=None, received=None):
    """Everybody leaves at second 1; who is locked is so 0.25 s after its call."""
    left = people(1) if left is None else left
    done = {person: call.at + timedelta(seconds=0.25) for call in calls for person in call.locks}
    number = sum(bool(call.locks) for call in calls) if received is None else received
    return Leaving(dict.fromkeys(left, at(1)), done if locked is None else locked, calls, number)


def test_a_lock_that_is_the_next_call_keeps_every_promise():
    found = leaving(Sent(at(0.9)), Sent(at(1.1), people(1)))
    assert list(faults(found, 1)) == []
    assert found.waits == [0.35]


def test_a_call_begun_after_the_2xx_and_before_the_lock_breaks_the_first():
    assert list(faults(leaving(Sent(at(1.1)), Sent(at(1.2), people(1))), 1)) == ["the first lock was not the next call"]


def test_a_call_that_was_under_way_at_the_2xx_does_not():
    assert list(faults(leaving(Sent(at(1.0)), Sent(at(1.2), people(1))), 1)) == []


def test_a_hundred_people_in_five_calls_are_what_batching_allows():
    calls = [Sent(at(2 + number), people(20, 20 * number)) for number in range(5)]
    found = leaving(*calls, left=people(100))
    assert (found.received, found.allowed) == (5, 5)
    assert list(faults(found, 100)) == []


def test_a_sixth_call_is_one_too_many():
    sizes = ((20, 0), (20, 20), (20, 40), (20, 60), (10, 80), (10, 90))
    calls = [Sent(at(2 + number), people(*size)) for number, size in enumerate(sizes)]
    assert list(faults(leaving(*calls, left=people(100)), 100)) == [
        "6 calls to lock 100 people, and batching allows 5",
        "a call carried 10 people while 20 waited",
    ]


def test_who_leaves_later_may_take_a_call_more():
    found = leaving(Sent(at(2), people(1)), Sent(at(4), people(1, 1)), left=people(2))
    late = Leaving({**found.answered, "p1": at(3)}, found.locked, found.calls, 2)
    assert list(faults(late, 2)) == []
    assert list(faults(found, 2)) != []


def test_a_call_that_hexnode_received_twice_counts_twice():
    found = leaving(Sent(at(2), people(1)), received=2)
    assert list(faults(found, 1)) == ["2 calls to lock 1 people, and batching allows 1"]


def test_somebody_locked_twice_or_not_at_all_is_found():
    twice = leaving(Sent(at(2), people(1)), Sent(at(3), people(1)))
    assert "somebody was locked twice" in list(faults(twice, 1))
    never = leaving(left=people(1))
    assert list(faults(never, 1)) == [
        "0 of 1 people were locked, and not 1",
        "the first lock was not the next call",
    ]


def test_who_is_held_needs_a_sentence_and_must_not_be_locked():
    ten = leaving(Sent(at(2), people(10)), left=people(100))
    assert Row("100", (ten,), 10, "the guard allows 10").wrong == []
    assert Row("100", (ten,), 10).wrong == ["100: no sentence says why people are held"]
    eleven = leaving(Sent(at(2), people(11)), left=people(100))
    assert Row("100", (eleven,), 10, "...").wrong == ["100: 11 of 100 people were locked, and not 10"]


def test_percentiles_are_figures_that_were_measured():
    figures = [float(number) for number in range(1, 101)]
    assert [percentile(figures, share) for share in (50, 99, 100)] == [50, 99, 100]
    assert percentile([7.0], 99) == 7.0


def test_a_line_shows_the_figures_of_all_rounds_and_the_calls_of_the_worst():
    fast, slow = leaving(Sent(at(1.25), people(1))), leaving(Sent(at(2.75), people(1)), received=2)
    *_, line = lines("A title", [Row("1", (fast, slow), 1)])
    assert line.split() == ["1", "2", "of", "2", "0.500", "2.000", "2.000", "2", "1", "2", "of", "2"]
