"""No number of the checklist is silently missing: each is a test of this folder or stands in `elsewhere`."""

import re
from pathlib import Path

import pytest

from tests.checklist.elsewhere import ELSEWHERE

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LAST = 250
# Where each section of the checklist begins.
SECTIONS = dict(
    zip(
        "abcdefghijklmnopqr",
        (1, 18, 23, 44, 74, 91, 96, 136, 145, 149, 162, 203, 209, 221, 227, 229, 237, 247),
        strict=True,
    )
)


def numbered(file):
    """The numbers of the tests in a file."""
    return {int(number) for number in re.findall(r"^def test_rfc_(\d+)_\w+\(", file.read_text("utf-8"), re.MULTILINE)}


def section(number):
    return max(letter for letter, first in SECTIONS.items() if first <= number)


TESTS = {file: numbered(file) for file in sorted(HERE.glob("test_?_*.py"))}


def test_every_number_is_a_test_or_is_explained():
    tested = set().union(*TESTS.values())
    assert sorted(set(range(1, LAST + 1)) - tested - set(ELSEWHERE)) == []
    assert sorted(tested - set(range(1, LAST + 1))) == []


def test_nothing_is_explained_that_is_a_test():
    assert sorted(set().union(*TESTS.values()) & set(ELSEWHERE)) == []


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_a_file_holds_the_numbers_of_its_section(file):
    assert {section(number) for number in TESTS[file]} == {file.stem.split("_")[1]}


def test_a_place_that_is_named_is_there():
    places = [place for reason in ELSEWHERE.values() for place in re.findall(r"(tests/\S+\.py)::(\w+)", reason)]
    assert places
    assert [(file, test) for file, test in places if f"def {test}(" not in (ROOT / file).read_text("utf-8")] == []
