"""What is remembered outside the database, so that an older one that was put back is noticed."""

import pytest

from scim_bridge.delivery import witness


@pytest.fixture
def path(tmp_path):
    return tmp_path / "calls"


def test_a_journal_that_ends_before_the_last_call_is_an_older_one(path):
    witness.note(path, "acme", 41)
    assert witness.knows_more(path, "acme", 40)
    assert not witness.knows_more(path, "acme", 41)
    assert not witness.knows_more(path, "acme", 42)


def test_only_the_last_call_counts_even_when_its_number_is_lower(path):
    witness.note(path, "acme", 41)
    witness.note(path, "acme", 7)
    assert not witness.knows_more(path, "acme", 7)


def test_of_a_portal_that_it_has_not_seen_nobody_can_tell(path):
    witness.note(path, "acme", 41)
    assert not witness.knows_more(path, "other", 0)


def test_without_the_setting_nothing_is_written_and_nobody_can_tell(path):
    witness.note(None, "acme", 41)
    assert not witness.knows_more(None, "acme", 0)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"forty", b"\xff\xfe", b"4 1"])
def test_what_cannot_be_read_counts_as_knowing_more(path, content):
    witness.note(path, "acme", 41)
    (file,) = path.parent.iterdir()
    file.write_bytes(content)
    assert witness.knows_more(path, "acme", 10**12)


def test_a_folder_that_is_gone_stops_no_call(path):
    witness.note(path / "gone" / "calls", "acme", 41)
    assert not witness.knows_more(path / "gone" / "calls", "acme", 0)


def test_the_name_of_a_portal_leads_to_no_other_folder(path):
    witness.note(path, "../acme/é", 41)
    assert witness.knows_more(path, "../acme/é", 40)
    assert [file.parent for file in path.parent.iterdir()] == [path.parent]
