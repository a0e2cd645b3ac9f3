"""Accounts: what is wished for a person, and whom at Hexnode the account stands for."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select

from scim_bridge.offboarding.tables import cases
from scim_bridge.provisioning import accounts, seen
from scim_bridge.provisioning.accounts import SYNC_ATTR_MISSING, AccountKey
from scim_bridge.provisioning.addresses import EMAIL_TAKEN
from scim_bridge.provisioning.mapping import Profile
from scim_bridge.provisioning.protection import PROTECTED_PERSON
from scim_bridge.provisioning.seen import SeenUser
from scim_bridge.provisioning.tables import account_to_create, account_to_describe
from scim_bridge.provisioning.tables import accounts as rows
from tests.clock import SteppedClock
from tests.plans import recorded
from tests.provisioning.acme import Acme

ADA = SeenUser(7, "Ada", "ada@acme.test", None, "local")


def _shown(connection: Connection, clock: SteppedClock, *users: SeenUser) -> None:
    """Hexnode has these users, and a survey saw them."""
    seen.note_users(connection, "acme", users, clock())


def _waiting(connection: Connection, condition: Any) -> list[str]:
    return list(connection.execute(select(rows.c.user_id).where(condition)).scalars())


def test_a_joiner_is_wished_for_with_name_address_and_phone(acme: Acme, clock: SteppedClock) -> None:
    phones = [{"value": "555", "type": "mobile"}]
    account = acme.account(acme.user("ada@acme.test", displayName="Ada", phoneNumbers=phones))
    assert (account.desired_present, account.desired_name, account.desired_email) == (True, "Ada", "ada@acme.test")
    assert (account.desired_phone, account.email_key, account.portal, account.trouble) == (
        "555",
        "ada@acme.test",
        "acme",
        None,
    )
    assert (account.hexnode_id, account.since) == (None, clock())


def test_somebody_who_was_never_here_has_no_account(acme: Acme, connection: Connection) -> None:
    acme.user("ada@acme.test", active=False)
    assert connection.execute(select(rows)).all() == []


def test_a_leaver_is_wished_for_no_more_and_a_returning_person_again(acme: Acme, connection: Connection) -> None:
    ada = acme.user("ada@acme.test")
    acme.put(ada, active=False)
    assert not acme.account(ada).desired_present
    assert _waiting(connection, account_to_create) == []
    acme.put(ada, active=True)
    assert _waiting(connection, account_to_create) == [ada]


def test_a_new_person_has_no_account_that_could_be_looked_up(acme: Acme, engine: Engine) -> None:
    with recorded(engine) as new:
        ada = acme.user("ada@acme.test")
    acme.put(ada, active=False)
    with recorded(engine) as returning:
        acme.user("ada@acme.test")
    of_new, of_returning = (
        [sql for sql, _ in statements if sql.startswith("SELECT") and "FROM accounts" in sql]
        for statements in (new, returning)
    )
    assert of_new == []
    assert of_returning


def test_a_person_who_comes_back_has_the_account_of_before(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    _shown(connection, clock, ADA)
    ada = acme.user("ada@acme.test", externalId="e1")
    acme.delete_user(ada)
    assert acme.user("ada@acme.test", externalId="e1") == ada
    assert (acme.account(ada).hexnode_id, acme.account(ada).desired_present) == (7, True)
    assert connection.execute(select(func.count()).select_from(rows)).scalar_one() == 1


def test_what_hexnode_never_gets_changes_nothing(acme: Acme, clock: SteppedClock) -> None:
    ada = acme.user("ada@acme.test")
    before = acme.account(ada)
    clock.advance(hours=1)
    acme.put(ada, title="Engineer", nickName="Countess")
    assert acme.account(ada) == before


def test_the_one_user_seen_with_the_address_is_linked_at_once(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    _shown(connection, clock, replace(ADA, email="ADA@Acme.Test"))
    ada = acme.user("ada@acme.test", displayName="Ada Lovelace")
    assert (acme.account(ada).hexnode_id, acme.account(ada).observed_name) == (7, "Ada")
    assert _waiting(connection, account_to_create) == []
    assert _waiting(connection, account_to_describe) == [ada]


def test_a_user_of_another_portal_is_not_linked(acme: Acme, connection: Connection, clock: SteppedClock) -> None:
    seen.note_users(connection, "other", [ADA], clock())
    assert acme.account(acme.user("ada@acme.test")).hexnode_id is None


def test_several_users_of_the_address_are_left_to_a_person(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    _shown(connection, clock, ADA, replace(ADA, hexnode_id=8))
    account = acme.account(acme.user("ada@acme.test"))
    assert account.trouble.startswith("AMBIGUOUS_MATCH")
    assert (account.hexnode_id, _waiting(connection, account_to_create)) == (None, [])


def test_two_people_never_share_one_hexnode_user(acme: Acme, connection: Connection, clock: SteppedClock) -> None:
    _shown(connection, clock, ADA)
    first = acme.user("ada@acme.test")
    second = acme.user("ada2", emails=[{"value": "ada@acme.test"}])
    assert acme.account(first).hexnode_id == 7
    assert acme.account(second).hexnode_id is None
    assert acme.account(second).trouble.startswith("AMBIGUOUS_MATCH")


def test_an_unclear_match_is_cleared_when_the_address_changes(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    _shown(connection, clock, ADA, replace(ADA, hexnode_id=8), replace(ADA, hexnode_id=9, email="al@acme.test"))
    ada = acme.user("ada@acme.test")
    acme.put(ada, userName="al@acme.test")
    assert (acme.account(ada).hexnode_id, acme.account(ada).trouble) == (9, None)


def test_a_directory_managed_user_is_linked_but_never_edited(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    _shown(connection, clock, replace(ADA, domain=" Okta "))
    ada = acme.user("ada@acme.test", displayName="Another Name")
    assert (acme.account(ada).hexnode_id, acme.account(ada).observed_domain) == (7, "okta")
    assert _waiting(connection, account_to_create | account_to_describe) == []


def test_a_local_user_is_edited_whatever_the_letter_case_of_its_domain(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    _shown(connection, clock, replace(ADA, domain="LOCAL"))
    ada = acme.user("ada@acme.test", displayName="Another Name")
    assert _waiting(connection, account_to_describe) == [ada]


def test_a_phone_that_the_idp_does_not_send_is_no_difference(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    _shown(connection, clock, replace(ADA, phone="555"))
    ada = acme.user("ada@acme.test", displayName="Ada")
    assert _waiting(connection, account_to_describe) == []
    acme.put(ada, phoneNumbers=[{"value": "556"}])
    assert _waiting(connection, account_to_describe) == [ada]


def test_without_an_address_no_account_can_be_made_and_the_reason_is_shown(acme: Acme, connection: Connection) -> None:
    ada = acme.user("ada")
    assert acme.account(ada).trouble == SYNC_ATTR_MISSING
    assert _waiting(connection, account_to_create) == []
    acme.put(ada, emails=[{"value": "ada@acme.test"}])
    assert (acme.account(ada).trouble, _waiting(connection, account_to_create)) == (None, [ada])


def test_a_leaver_without_an_address_is_no_trouble(acme: Acme) -> None:
    ada = acme.user("ada")
    acme.put(ada, active=False)
    assert acme.account(ada).trouble is None


def test_a_known_address_is_kept_when_the_idp_drops_it(acme: Acme) -> None:
    ada = acme.user("ada", emails=[{"value": "ada@acme.test"}], displayName="Ada")
    acme.put(ada, emails=None, displayName="Ada L")
    account = acme.account(ada)
    assert (account.desired_email, account.desired_name, account.trouble) == ("ada@acme.test", "Ada L", None)


def test_a_refused_account_is_not_sent_again_until_the_person_changes(acme: Acme, connection: Connection) -> None:
    ada = acme.user("ada@acme.test")
    accounts.stop(connection, AccountKey("acme", ada), "Hexnode refused: no")
    assert _waiting(connection, account_to_create) == []
    acme.put(ada, displayName="Ada")
    assert _waiting(connection, account_to_create) == [ada]


def test_a_change_keeps_what_is_known_of_hexnode(acme: Acme, connection: Connection, clock: SteppedClock) -> None:
    _shown(connection, clock, ADA)
    ada = acme.user("ada@acme.test")
    acme.put(ada, userName="al@acme.test", displayName="Al")
    account = acme.account(ada)
    assert (account.hexnode_id, account.observed_email, account.desired_email) == (7, "ada@acme.test", "al@acme.test")


def test_a_survey_links_the_account_that_waits_for_the_user(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    ada = acme.user("ada@acme.test")
    accounts.create_sent(connection, AccountKey("acme", ada), clock())
    _shown(connection, clock, ADA)
    accounts.link_seen(connection, "acme", ADA, clock())
    assert (acme.account(ada).hexnode_id, acme.account(ada).create_sent_at) == (7, None)


def test_a_survey_refreshes_the_account_that_holds_the_user(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    _shown(connection, clock, ADA)
    ada = acme.user("ada@acme.test", displayName="Ada")
    accounts.link_seen(connection, "acme", replace(ADA, name="Changed by hand", email="x@acme.test"), clock())
    assert acme.account(ada).observed_name == "Changed by hand"
    assert _waiting(connection, account_to_describe) == [ada]


def test_the_default_user_is_never_linked(acme: Acme, connection: Connection, clock: SteppedClock) -> None:
    default = SeenUser(1, "Default User", None, None, "local")
    _shown(connection, clock, default)
    ada = acme.user("ada")
    accounts.link_seen(connection, "acme", default, clock())
    assert acme.account(ada).hexnode_id is None


def test_an_accepted_edit_is_what_is_now_there_and_a_doubtful_one_is_unknown(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    _shown(connection, clock, ADA)
    ada = acme.user("ada@acme.test", displayName="Ada L")
    key = AccountKey("acme", ada)
    accounts.observe_profile(connection, key, Profile("Ada L", "ada@acme.test", None), clock())
    assert _waiting(connection, account_to_describe) == []
    accounts.forget_profile(connection, key)
    assert _waiting(connection, account_to_describe) == [ada]


@pytest.mark.parametrize("name", ["Ada", None])
def test_the_same_profile_at_hexnode_is_no_difference(
    acme: Acme, connection: Connection, clock: SteppedClock, name: str | None
) -> None:
    _shown(connection, clock, replace(ADA, name=name or "ada@acme.test"))
    acme.user("ada@acme.test", displayName=name)
    assert _waiting(connection, account_to_create | account_to_describe) == []


BOB = SeenUser(8, "Bob", "bob@acme.test", None, "local")


@pytest.fixture
def linked(acme: Acme, connection: Connection, clock: SteppedClock) -> tuple[str, str]:
    """Ada is Hexnode's user 7, Bob its user 8, nothing waits."""
    _shown(connection, clock, ADA, BOB)
    return acme.user("ada@acme.test", displayName="Ada"), acme.user("bob@acme.test", displayName="Bob")


def _takes_adas(acme: Acme, user_id: str) -> None:
    acme.put(user_id, emails=[{"value": "ADA@acme.test"}])


def test_an_address_that_another_has_is_waited_for(
    acme: Acme, connection: Connection, linked: tuple[str, str], clock: SteppedClock
) -> None:
    ada, bob = linked
    _takes_adas(acme, bob)
    assert acme.account(bob).trouble == EMAIL_TAKEN
    assert _waiting(connection, account_to_describe) == []
    acme.put(ada, userName="new@acme.test")
    assert _waiting(connection, account_to_describe) == [ada]
    accounts.observe_profile(connection, AccountKey("acme", ada), Profile("Ada", "new@acme.test", None), clock())
    assert (acme.account(bob).trouble, _waiting(connection, account_to_describe)) == (None, [bob])


def test_an_address_changed_in_the_console_is_free_for_another(
    acme: Acme, connection: Connection, linked: tuple[str, str], clock: SteppedClock
) -> None:
    _, bob = linked
    _takes_adas(acme, bob)
    moved = replace(ADA, email="moved@acme.test")
    _shown(connection, clock, moved)
    accounts.link_seen(connection, "acme", moved, clock())
    assert acme.account(bob).trouble is None
    assert bob in _waiting(connection, account_to_describe)


def test_a_survey_that_shows_nothing_new_ends_no_waiting(
    acme: Acme, connection: Connection, linked: tuple[str, str], clock: SteppedClock
) -> None:
    _, bob = linked
    _takes_adas(acme, bob)
    for user in (ADA, BOB):
        accounts.link_seen(connection, "acme", user, clock())
    assert acme.account(bob).trouble == EMAIL_TAKEN


def test_a_refused_create_is_tried_again_when_its_address_becomes_free(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    """Ada's create was on its way with the address that the IdP gave to Eve meanwhile."""
    ada, eve = acme.user("ada@acme.test", displayName="Ada"), acme.user("eve")
    accounts.create_sent(connection, AccountKey("acme", ada), clock())
    acme.put(ada, userName="new@acme.test")
    _takes_adas(acme, eve)
    accounts.create_sent(connection, AccountKey("acme", eve), clock())
    accounts.stop(connection, AccountKey("acme", eve), "Hexnode refused: email: already there.")
    _shown(connection, clock, ADA)
    accounts.observe(connection, AccountKey("acme", ada), ADA, clock())
    accounts.observe_profile(connection, AccountKey("acme", ada), Profile("Ada", "new@acme.test", None), clock())
    account = acme.account(eve)
    assert (account.hexnode_id, account.trouble, account.create_sent_at) == (None, None, None)
    assert _waiting(connection, account_to_create) == [eve]


def test_a_create_waits_for_an_address_that_has_just_been_given_to_another(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    ada, eve = acme.user("ada@acme.test", displayName="Ada"), acme.user("eve")
    accounts.create_sent(connection, AccountKey("acme", ada), clock())
    acme.put(ada, userName="new@acme.test")
    _takes_adas(acme, eve)
    assert eve in _waiting(connection, account_to_create)
    _shown(connection, clock, ADA)
    accounts.observe(connection, AccountKey("acme", ada), ADA, clock())
    assert (acme.account(eve).trouble, _waiting(connection, account_to_create)) == (EMAIL_TAKEN, [])


@pytest.fixture
def in_doubt(acme: Acme, connection: Connection, clock: SteppedClock) -> str:
    """Ada, whose create was sent as ada@acme.test, who is to have new@acme.test by now; nobody knows if it was made."""
    ada = acme.user("ada@acme.test", displayName="Ada")
    accounts.create_sent(connection, AccountKey("acme", ada), clock())
    acme.put(ada, userName="new@acme.test")
    return ada


def _surveyed(connection: Connection, clock: SteppedClock, *users: SeenUser) -> None:
    """A page of a survey shows these users."""
    _shown(connection, clock, *users)
    for user in users:
        accounts.link_seen(connection, "acme", user, clock())


@pytest.mark.parametrize("addresses", [(), ("other@acme.test",), ("ada@acme.test", "other@acme.test")])
def test_who_was_made_in_doubt_is_found_by_the_address_that_the_create_named(
    acme: Acme, connection: Connection, clock: SteppedClock, in_doubt: str, addresses: tuple[str, ...]
) -> None:
    for address in addresses:
        acme.put(in_doubt, userName=address)
    _surveyed(connection, clock, ADA)
    account = acme.account(in_doubt)
    assert (account.hexnode_id, account.create_sent_at, account.email_key) == (7, None, account.desired_email)
    assert _waiting(connection, account_to_describe) == [in_doubt]


@pytest.mark.parametrize("is_sent_again", [True, False])
def test_by_that_address_nobody_is_looked_for_once_it_is_known_that_nobody_was_made(
    acme: Acme, connection: Connection, clock: SteppedClock, in_doubt: str, is_sent_again: bool
) -> None:
    accounts.create_sent(connection, AccountKey("acme", in_doubt), clock() if is_sent_again else None)
    _surveyed(connection, clock, ADA)
    assert acme.account(in_doubt).hexnode_id is None
    _surveyed(connection, clock, replace(BOB, email="new@acme.test"))
    assert acme.account(in_doubt).hexnode_id == 8


def test_by_an_address_that_hexnode_refused_nobody_is_looked_for(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    ada = acme.user("ada@acme.test", displayName="Ada")
    accounts.create_sent(connection, AccountKey("acme", ada), clock())
    accounts.stop(connection, AccountKey("acme", ada), "Hexnode refused: email: already there.")
    acme.put(ada, userName="new@acme.test")
    assert acme.account(ada).create_sent_at is None
    _surveyed(connection, clock, ADA)
    assert acme.account(ada).hexnode_id is None


def test_an_address_that_is_refused_when_it_is_wished_no_more_stops_nobody(
    acme: Acme, connection: Connection, in_doubt: str
) -> None:
    accounts.stop(connection, AccountKey("acme", in_doubt), "Hexnode refused: email: Enter a valid email address.")
    account = acme.account(in_doubt)
    assert (account.trouble, account.create_sent_at, account.email_key) == (None, None, "new@acme.test")


def test_who_was_made_in_doubt_is_not_given_to_the_one_who_has_that_address_now(
    acme: Acme, connection: Connection, clock: SteppedClock, in_doubt: str
) -> None:
    """Eve is to have it since before Ada gave it up, so of the two she waits longer."""
    clock.advance(seconds=1)
    acme.put(in_doubt, displayName="Ada L")
    clock.advance(seconds=-1)
    eve = acme.user("eve", emails=[{"value": "ada@acme.test"}])
    _surveyed(connection, clock, ADA)
    assert (acme.account(in_doubt).hexnode_id, acme.account(eve).hexnode_id) == (7, None)
    accounts.observe_profile(connection, AccountKey("acme", in_doubt), Profile("Ada L", "new@acme.test", None), clock())
    assert _waiting(connection, account_to_create) == [eve]


def test_who_is_in_doubt_does_not_wait_for_the_address_that_the_create_named(
    acme: Acme, connection: Connection, clock: SteppedClock, in_doubt: str
) -> None:
    """Bob got it meanwhile, so nobody can have been made with it."""
    bob = acme.user("bob@acme.test", displayName="Bob")
    _surveyed(connection, clock, BOB)
    _takes_adas(acme, bob)
    accounts.observe_profile(connection, AccountKey("acme", bob), Profile("Bob", "ADA@acme.test", None), clock())
    assert acme.account(in_doubt).trouble is None
    assert _waiting(connection, account_to_create) == [in_doubt]


def test_an_unclear_match_of_the_new_address_waits_until_the_doubt_is_settled(
    acme: Acme, connection: Connection, clock: SteppedClock, in_doubt: str
) -> None:
    several = [replace(BOB, hexnode_id=number, email="new@acme.test") for number in (8, 9)]
    _surveyed(connection, clock, *several)
    acme.put(in_doubt, displayName="Ada L")
    assert acme.account(in_doubt).trouble is None
    accounts.create_sent(connection, AccountKey("acme", in_doubt), clock())
    _surveyed(connection, clock, *several)
    assert acme.account(in_doubt).trouble.startswith("AMBIGUOUS_MATCH")


def test_what_else_stopped_somebody_is_not_ended_by_a_free_address(
    acme: Acme, connection: Connection, linked: tuple[str, str], clock: SteppedClock
) -> None:
    ada, bob = linked
    acme.policy = replace(acme.policy, protected_users=("bob@*",))
    _takes_adas(acme, bob)
    acme.put(ada, userName="new@acme.test")
    accounts.observe_profile(connection, AccountKey("acme", ada), Profile("Ada", "new@acme.test", None), clock())
    assert acme.account(bob).trouble == PROTECTED_PERSON


def test_a_protected_person_has_an_account_that_is_left_alone(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    acme.policy = replace(acme.policy, protected_users=("ADA@*",))
    ada = acme.user("ada@acme.test", displayName="Ada L")
    assert (acme.account(ada).desired_present, acme.account(ada).trouble) == (False, PROTECTED_PERSON)
    _shown(connection, clock, ADA)
    accounts.link_seen(connection, "acme", ADA, clock())
    accounts.link_seen(connection, "acme", replace(ADA, name="By hand"), clock())
    account = acme.account(ada)
    assert (account.hexnode_id, account.observed_name, account.trouble) == (7, "By hand", PROTECTED_PERSON)
    assert _waiting(connection, account_to_create | account_to_describe) == []
    acme.policy = replace(acme.policy, protected_users=())
    acme.put(ada, title="Engineer")
    assert (acme.account(ada).trouble, _waiting(connection, account_to_describe)) == (None, [ada])


def test_no_case_is_opened_for_a_protected_person(acme: Acme, connection: Connection) -> None:
    acme.policy = replace(acme.policy, protected_users=("ada@*",))
    ada, bob = acme.user("ada@acme.test"), acme.user("bob@acme.test")
    for user in (ada, bob):
        acme.put(user, active=False)
    acme.delete_user(ada)
    assert list(connection.execute(select(cases.c.user_id)).scalars()) == [bob]
