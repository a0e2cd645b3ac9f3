"""What a person wants sent, out of what waits."""

from scim_bridge.delivery.calls import ReadPage
from scim_bridge.delivery.chosen import EVERYTHING, Chosen, among, may_be_read
from scim_bridge.delivery.lanes import Lane
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey
from tests.delivery.samples import NOW, edit, group, lock, person, placing, user, waiting

ALL = waiting(
    locks=(lock(1), lock(2)),
    unfound_since=NOW,
    withdrawals=(placing(Lane.WITHDRAW, person(1), person(2)),),
    users=(user(1), user(2)),
    groups=(group(9), group(8)),
    grants=(placing(Lane.GRANT, person(2)),),
    edits=(edit(1), edit(2)),
)
PARTS = ("locks", "withdrawals", "users", "groups", "grants", "edits")


def kept(chosen):
    found = among(ALL, chosen)
    return {name: len(getattr(found, name)) for name in PARTS if getattr(found, name)}


def test_everything_is_left_as_it_is():
    assert among(ALL, EVERYTHING) is ALL


def test_a_lane_is_what_is_that_urgent():
    assert kept(Chosen(lane=Lane.PROTECT)) == {"locks": 2}
    assert kept(Chosen(lane=Lane.WITHDRAW)) == {"withdrawals": 1}
    assert kept(Chosen(lane=Lane.GRANT)) == {"users": 2, "groups": 2, "grants": 1}
    assert kept(Chosen(lane=Lane.DESCRIBE)) == {"edits": 2}
    assert kept(Chosen(lane=Lane.SURVEY)) == {}


def test_a_person_is_the_lock_the_account_and_the_places_of_that_person_alone():
    one = Chosen(people=frozenset({AccountKey("acme", "user-1")}))
    assert kept(one) == {"locks": 1, "withdrawals": 1, "users": 1, "edits": 1}
    (change,) = among(ALL, one).withdrawals
    assert change.remove == (person(1),)


def test_a_person_of_the_same_id_in_another_tenant_is_somebody_else():
    assert kept(Chosen(people=frozenset({AccountKey("other", "user-1")}))) == {}


def test_a_group_is_its_making_and_its_members():
    assert kept(Chosen(groups=frozenset({GroupKey("acme", "scim:9")}))) == {"withdrawals": 1, "groups": 1, "grants": 1}


def test_people_are_looked_for_only_where_locks_are_chosen():
    assert among(ALL, Chosen(lane=Lane.PROTECT)).unfound_since == NOW
    assert among(ALL, Chosen(lane=Lane.GRANT)).unfound_since is None


def test_a_scheduled_reading_is_left_out_but_not_what_a_create_must_know():
    scheduled, needed = ReadPage("users", 1, Lane.SURVEY), ReadPage("users", 1, Lane.GRANT)
    assert may_be_read(scheduled, EVERYTHING)
    assert may_be_read(scheduled, Chosen(lane=Lane.SURVEY))
    assert not may_be_read(scheduled, Chosen(lane=Lane.GRANT))
    assert may_be_read(needed, Chosen(lane=Lane.GRANT))
