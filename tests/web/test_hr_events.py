"""What is understood of an HR system's body, and what is refused."""

import pytest

from scim_bridge.scim.errors import ScimError
from scim_bridge.web.hr_events import Termination, termination


def sent(**data):
    return {"type": "employee.terminated", "data": data}


def test_a_termination_names_the_person_by_any_of_four_names():
    named = {"email": "a@acme.test", "userName": "a", "externalId": "X", "employeeNumber": "007"}
    assert termination(sent(**named)) == Termination(named, None, False)
    whole = termination(sent(email="a@acme.test", reason="Left.", urgent=True, callback_url="http://x.test"))
    assert whole == Termination({"email": "a@acme.test"}, "Left.", True)


def test_names_match_in_any_letter_case():
    assert termination({"Type": "employee.terminated", "DATA": {"USERNAME": "a"}}) == termination(sent(userName="a"))


def test_what_is_null_or_empty_names_nobody_and_says_nothing():
    assert termination(sent(userName="a", email=None, externalId="", reason=None, urgent=None)) == Termination(
        {"userName": "a"}, None, False
    )


@pytest.mark.parametrize("kind", ["employee.hired", "Employee.Terminated", "employee.terminated "])
def test_an_event_of_another_type_is_none_of_our_concern(kind):
    assert termination({"type": kind, "data": 1}) is None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, '"type"'),
        ({"type": ""}, '"type"'),
        ({"type": 1}, '"type"'),
        ({"type": "employee.terminated"}, '"data"'),
        ({"type": "employee.terminated", "data": [1]}, '"data"'),
        (sent(), "at least one of: email, userName, externalId, employeeNumber"),
        (sent(email="", userName=None), "at least one of"),
        (sent(name="a"), "at least one of"),
        (sent(employeeNumber=123), "employeeNumber must be a string"),
        (sent(userName=["a"]), "userName must be a string"),
        (sent(userName="a" * 1025), "at most 1024"),
        (sent(userName="a", reason="r" * 1001), "at most 1000"),
        (sent(userName="a", reason={}), "reason must be a string"),
        (sent(userName="a", urgent="true"), "urgent must be true or false"),
        (sent(userName="a", urgent=1), "urgent must be true or false"),
    ],
)
def test_what_is_malformed_is_refused_in_plain_words(body, told):
    with pytest.raises(ScimError) as refused:
        termination(body)
    assert refused.value.status == 400
    assert told in refused.value.detail


def test_the_longest_that_is_taken():
    longest = termination(sent(userName="a" * 1024, reason="r" * 1000))
    assert longest is not None
    assert (len(longest.identifiers["userName"]), len(longest.reason or "")) == (1024, 1000)
