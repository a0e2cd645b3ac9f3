"""Filters and paths as text: one spelling, and read as what they were."""

import pytest

from scim_bridge.scim.filter_parser import parse
from scim_bridge.scim.filter_text import filter_text, name_of, path_text
from scim_bridge.scim.path import parse_path
from scim_bridge.scim.resources import USER_TYPE, AttributePath
from scim_bridge.scim.schema import Attribute

from .documents import ENTERPRISE


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (f'{ENTERPRISE}:Department EQ "Sales"', 'department eq "Sales"'),
        (f'{ENTERPRISE}:manager.value eq "2f0c"', 'manager.value eq "2f0c"'),
        ('manager eq "2f0c"', 'manager.value eq "2f0c"'),
        ("active eq True", "active eq true"),
        ("title eq null", "not (title pr)"),
        (r'title co "say \"hi\" \\ ü"', r'title co "say \"hi\" \\ ü"'),
        ("NOT(title pr)", "not (title pr)"),
        ('title eq "a" or title eq "b" and (active eq true)', 'title eq "a" or title eq "b" and active eq true'),
        ('(title eq "a" or title eq "b") and active eq true', '(title eq "a" or title eq "b") and active eq true'),
        ('emails[type eq "work"].value ew "@a.test"', 'emails[type eq "work" and value ew "@a.test"]'),
        (
            'emails[(type eq "work" or type eq "home") and not (primary eq true)]',
            'emails[(type eq "work" or type eq "home") and not (primary eq true)]',
        ),
        ("meta.created gt 2015-10-10T14:38:20-07:00", 'meta.created gt "2015-10-10T21:38:20+00:00"'),
        (f"{ENTERPRISE} pr", f"{ENTERPRISE} pr"),
    ],
)
def test_a_filter_has_one_spelling_and_is_read_as_what_it_was(written: str, text: str) -> None:
    parsed = parse(written, USER_TYPE)
    assert filter_text(parsed) == text
    assert parse(text, USER_TYPE) == parsed


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("DISPLAYNAME", "displayName"),
        ("name.Formatted", "name.formatted"),
        ("emails.value", "emails.value"),
        ('emails[Type eq "work"].Value', 'emails[type eq "work"].value'),
        ("emails[primary eq true]", "emails[primary eq true]"),
        (f"{ENTERPRISE}:manager.displayName", "manager.displayName"),
        (ENTERPRISE, ENTERPRISE),
    ],
)
def test_a_path_has_one_spelling_and_is_read_as_what_it_was(written: str, text: str) -> None:
    parsed = parse_path(written, USER_TYPE)
    assert path_text(parsed) == text
    assert parse_path(text, USER_TYPE) == parsed


def test_a_name_that_would_mean_another_attribute_keeps_its_urn() -> None:
    title = AttributePath(Attribute(name="title"), "urn:example:hr")
    assert name_of(title) == "urn:example:hr:title"
