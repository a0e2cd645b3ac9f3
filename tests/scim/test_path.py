import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.filter import Compare
from scim_bridge.scim.path import MAX_LENGTH, parse_path
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE
from scim_bridge.scim.schema import ENTERPRISE_USER

from .documents import ENTERPRISE


def _names(text, resource_type=USER_TYPE):
    path = parse_path(text, resource_type)
    return path.schema_urn, path.attribute.name, path.sub and path.sub.name, path.filter is not None


def _refusal(text):
    with pytest.raises(ScimError) as caught:
        parse_path(text, USER_TYPE)
    return caught.value.status, caught.value.scim_type


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("userName", (None, "userName", None, False)),
        (" DisplayName ", (None, "displayName", None, False)),
        ("name.familyName", (None, "name", "familyName", False)),
        ("emails.type", (None, "emails", "type", False)),
        ('emails[type eq "work"]', (None, "emails", None, True)),
        ('emails[type eq "other"].Value', (None, "emails", "value", True)),
        ('roles[primary eq "True"].value', (None, "roles", "value", True)),
        ('emails[value eq "a]b[c"].type', (None, "emails", "type", True)),
        ('emails[type eq "work" and (value co "a" or value pr)].value', (None, "emails", "value", True)),
        ("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", (None, "name", "givenName", False)),
        ('urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"].value', (None, "emails", "value", True)),
        (f"{ENTERPRISE}:department", (ENTERPRISE, "department", None, False)),
        (f"{ENTERPRISE}:manager.value", (ENTERPRISE, "manager", "value", False)),
        ("manager", (ENTERPRISE, "manager", None, False)),
        ("manager.value", (ENTERPRISE, "manager", "value", False)),
        (ENTERPRISE, (None, ENTERPRISE, None, False)),
    ],
)
def test_every_form_of_a_path_is_read(text, names):
    assert _names(text) == names


def test_a_whole_extension_is_a_complex_attribute():
    assert parse_path(ENTERPRISE.upper(), USER_TYPE).attribute.sub_attributes == ENTERPRISE_USER.attributes


def test_the_filter_speaks_of_the_element():
    condition = parse_path("members[value eq a]", GROUP_TYPE).filter

    assert isinstance(condition, Compare)
    assert (condition.path.keys, condition.value) == (("value",), "a")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "bogus",
        "name.bogus",
        "name.",
        ".name",
        "emails..value",
        'emails[type eq "work"',
        'emails[type eq "work"].',
        'emails[type eq "work"].bogus',
        'emails[type eq "work"]value',
        'emails[type eq "work"]]',
        'emails[type eq "work"][value pr]',
        'emails.value[type eq "work"]',
        'emails[bogus eq "x"]',
        'emails[type like "x"]',
        "emails[]",
        'name[givenName eq "x"]',
        'userName[value eq "x"]',
        'userName eq "x"',
        "urn:ietf:params:scim:schemas:core:2.0:User",
        f"{ENTERPRISE}:bogus",
        f"{ENTERPRISE}.department",
        "urn:acme:2.0:User:badge",
    ],
)
def test_f07_f09_what_is_no_path_is_an_invalid_path(text):
    assert _refusal(text) == (400, "invalidPath")


def test_a_path_passes_up_to_its_length():
    def path(length):
        text = 'emails[value eq "{}"]'
        return text.format("a" * (length - len(text) + 2))

    assert parse_path(path(MAX_LENGTH), USER_TYPE).filter
    assert _refusal(path(MAX_LENGTH + 1)) == (400, "invalidPath")


@pytest.mark.parametrize("text", ["a" * 20_480, "emails" + "[" * 2000, "emails[" + "(" * 2000 + ")" * 2000 + "]"])
def test_f11_absurd_paths_are_refused_at_once(text):
    started = time.process_time()

    assert _refusal(text) == (400, "invalidPath")
    assert time.process_time() - started < 0.05


@given(st.text() | st.text(alphabet='emails[]().type eq"\\: ', max_size=40))
def test_any_text_is_a_path_or_an_invalid_path(text):
    try:
        parse_path(text, USER_TYPE)
    except ScimError as error:
        assert error.scim_type == "invalidPath"
