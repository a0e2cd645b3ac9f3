"""A bar is met or missed, and the last line says which."""

from tests.benchmarks.table import NO_CURSORS, Line, Table, text_of, verdict

MET = Line("look-up", (0.5, 2.0), 2)
MISSED = Line("create", (1.0, 4.01), 4)
UNKNOWN = Line("first page", (), 12, NO_CURSORS)


def table(*lines):
    return Table("floor", ("CPU ms", "times"), lines)


def test_a_figure_at_its_bar_meets_it_and_one_above_does_not():
    assert MET.met
    assert not MISSED.met


def test_what_was_not_measured_is_not_met():
    assert not UNKNOWN.met
    assert f"not measured: {NO_CURSORS}" in text_of(table(UNKNOWN))


def test_the_verdict_names_each_bar_that_is_missed():
    assert verdict([table(MET)]) == (True, "All 1 bars are met.")
    told = "1 of 3 bars are met. Missed: create (4.01 of 4); first page (not measured)."
    assert verdict([table(MET, MISSED), table(UNKNOWN)]) == (False, told)
