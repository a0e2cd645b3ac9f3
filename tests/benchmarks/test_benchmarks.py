"""The benchmarks measure what they say; how fast the server is they say to people, not to this suite."""

from contextlib import ExitStack

import pytest

from tests.benchmarks import databases, traffic
from tests.benchmarks.__main__ import QUICK_EFFORT, QUICK_SIZES
from tests.benchmarks.parts import PARTS, Plan, measured

MEMBERS = {traffic.REMOVE_FROM_SMALL, traffic.ADD_TO_SMALL, traffic.REMOVE_FROM_LARGEST, traffic.ADD_TO_LARGEST}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """The tables of a quick run."""
    folder = tmp_path_factory.mktemp("benchmarks")
    with ExitStack() as stack:
        where = stack.enter_context(databases.sqlite(folder))
        floor, growth, memory = measured(Plan(PARTS, QUICK_SIZES, QUICK_EFFORT), where, folder)
    return {"floor": floor, "growth": growth, "memory": memory}


@pytest.mark.parametrize(
    ("part", "names"),
    [
        (
            "floor",
            {"look-up by userName", "create user", "PATCH of one user", "page of 100 users"}
            | {traffic.REMOVE_FROM_SMALL, traffic.ADD_TO_SMALL, *traffic.BY_CURSOR},
        ),
        ("growth", {"look-up by userName", "PATCH of one user", *MEMBERS, *traffic.BY_CURSOR}),
        ("memory", {"GET of a group of 600", "600 users page by page"}),
    ],
)
def test_every_line_is_measured(tables, part, names):
    lines = {line.name: line.figures for line in tables[part].lines}
    assert lines.keys() == names
    for figures in lines.values():
        assert len(figures) == len(tables[part].columns)
        assert all(figure > 0 for figure in (figures[:-1] if part == "memory" else figures))
