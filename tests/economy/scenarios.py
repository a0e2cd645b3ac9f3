"""What can happen in a company, and the fewest calls that could carry it to Hexnode, with the reason why no fewer."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from scim_bridge.delivery.choose import LOCKS_PER_CALL
from scim_bridge.delivery.pending import MEMBERS_PER_CALL
from tests.economy.world import PAGE, World


@dataclass(frozen=True)
class Scenario:
    """`before` is delivered and not counted; None: the portal has never been read. What it gives, `happens` gets."""

    name: str
    minimum: int
    because: str
    happens: Callable[[World, "Ids"], object]
    before: Callable[[World], "Ids"] | None
    only_on_sqlite: bool = False  # too slow to be played twice; the order of calls does not depend on the database

    def play(self, world: World) -> Counter[str]:
        """How many calls of each kind it took."""
        ids: Ids = {}
        if self.before is not None:
            ids = self.before(world)
            world.settle()
        self.happens(world, ids)
        return world.calls()


Ids = dict[str, list[str]]
# Of a portal that was never read: one page each of devices (the day's pool), users and groups (who is there already).
FIRST_LOOK = 3


def _names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number:03}" for number in range(count)]


def _staff(world: World, people: int, *groups: str) -> Ids:
    """So many people, all of them in each of the groups."""
    ids = world.users(_names("staff", people))
    return {"people": ids, "groups": [world.group(group, ids) for group in groups]}


def _joiners_and_new_groups(world: World, _: Ids) -> None:
    ids = world.users(_names("joiner", 30))
    for number in range(4):
        world.group(f"Team {number}", ids[number * 5 : number * 5 + 15])


def _groups_made_empty_first(world: World, ids: Ids) -> None:
    made = [world.group(f"Team {number}") for number in range(4)]
    for group in made:
        world.members("add", group, ids["people"])


def _a_great_group(world: World, _: Ids) -> None:
    world.group("Everyone", _known_there(world, MEMBERS_PER_CALL + 1))


def _members_join(world: World, ids: Ids) -> None:
    for start in range(0, len(ids["people"]), 50):
        world.members("add", ids["groups"][0], ids["people"][start : start + 50])


def _some_leave_and_some_join(world: World, ids: Ids) -> None:
    sales, everyone = ids["groups"][0], ids["people"]
    for one in everyone[:10]:
        world.members("remove", sales, [one])
    world.members("add", sales, ids["others"])


def _staff_and_others(world: World) -> Ids:
    """A group of 20, and ten people in no group."""
    return _staff(world, 20, "Sales") | {"others": world.users(_names("other", 10))}


def _joins_and_leaves(world: World, ids: Ids) -> None:
    for verb in ("add", "remove", "add", "remove"):
        world.members(verb, ids["groups"][0], ids["others"][:1])


def _moves(world: World, ids: Ids) -> None:
    sales, support = ids["groups"]
    world.members("remove", sales, ids["people"][:1])
    world.members("add", support, ids["people"][:1])


def _one_person(world: World) -> Ids:
    return _staff(world, 1)


def _team_and_others(world: World) -> Ids:
    """A group of one, and 150 people who are in no group."""
    return {"groups": [world.group("Sales", world.users(["first"]))], "people": world.users(_names("staff", 150))}


def _two_teams(world: World) -> Ids:
    ids = _staff(world, 5, "Sales")
    return ids | {"groups": [*ids["groups"], world.group("Support", world.users(["clerk"]))]}


def _all_leave(world: World, ids: Ids) -> None:
    for one in ids["people"]:
        world.replace(f"/Users/{one}", "active", False)


def _is_renamed_often(world: World, ids: Ids) -> None:
    for number in range(10):
        world.replace(f"/Users/{ids['people'][0]}", "displayName", f"Ada {number}")


def _is_renamed_back(world: World, ids: Ids) -> None:
    for name in ("Ada Lovelace", "staff000"):
        world.replace(f"/Users/{ids['people'][0]}", "displayName", name)


def _a_group_is_renamed_often(world: World, ids: Ids) -> None:
    for number in range(10):
        world.replace(f"/Groups/{ids['groups'][0]}", "displayName", f"Sales {number}")


def _joins(world: World, ids: Ids) -> None:
    world.members("add", ids["groups"][0], world.users(["joiner"]))


def _many_join(world: World, ids: Ids) -> None:
    for one in world.users(_names("joiner", 30)):
        for group in ids["groups"]:
            world.members("add", group, [one])


def _everything_again(world: World, ids: Ids) -> None:
    for name, one in zip(_names("staff", 20), ids["people"], strict=True):
        world.put(one, name)
    world.members("add", ids["groups"][0], ids["people"])


def _leaves_and_returns(world: World, ids: Ids) -> None:
    for active in (False, True):
        world.replace(f"/Users/{ids['people'][0]}", "active", active)


def _comes_and_goes(world: World, ids: Ids) -> None:
    _joins(world, ids)
    (joiner,) = world.built.scim.send("GET", '/Users?filter=userName eq "joiner@acme.test"').json["Resources"]
    world.replace(f"/Users/{joiner['id']}", "active", False)


def _adopted(world: World, _: Ids) -> None:
    _known_there(world, 150)


def _known_there(world: World, count: int) -> list[str]:
    """The IdP sends so many people whom Hexnode has already."""
    world.has_at_hexnode(users=count)
    names = [f"User {number:05}" for number in range(1, count + 1)]
    return [world.built.scim.user(f"{n.replace(' ', '').lower()}@example.com", displayName=n) for n in names]


def _a_full_portal(world: World) -> Ids:
    world.has_at_hexnode(users=250, groups=120, devices=130)
    return {}


def _a_day_passes(world: World, _: Ids) -> None:
    world.built.clock.advance(hours=6, seconds=1)


def _people_change_things_there(world: World, _: Ids) -> None:
    world.in_the_console("staff000", removed_from="Sales", renamed="Nobody")
    _a_day_passes(world, {})


SCENARIOS = (
    Scenario(
        "30 new users in 4 new groups, 60 placements", 30 + 4 + FIRST_LOOK,
        f"a create takes one user; a group is made with its members; {FIRST_LOOK} pages, since it was never read",
        _joiners_and_new_groups, None,
    ),
    Scenario(
        "4 groups made empty, then given 20 members each", 4,
        "members who come within seconds are made with their group",
        _groups_made_empty_first, lambda world: _staff(world, 20),
    ),
    Scenario(
        f"a new group of {MEMBERS_PER_CALL + 1} people whom Hexnode has", 2 + FIRST_LOOK + 5,
        f"{MEMBERS_PER_CALL} first members, one call for the next {MEMBERS_PER_CALL}; 6 pages of users, 1 and 1 others",
        _a_great_group, None, only_on_sqlite=True,
    ),
    Scenario(
        "150 people join a group, 50 at a time", 1, f"one call carries {MEMBERS_PER_CALL} changes of one group",
        _members_join, _team_and_others, only_on_sqlite=True,
    ),
    Scenario(
        "10 leave a group and 10 join it", 1, "one call carries both", _some_leave_and_some_join, _staff_and_others
    ),
    Scenario(
        "a user joins and leaves a group, twice", 0, "nothing differs in the end", _joins_and_leaves, _staff_and_others
    ),
    Scenario("a mover from one group to another", 2, "two groups change, a call changes one", _moves, _two_teams),
    Scenario("ten renames of a user", 1, "the last name is what counts", _is_renamed_often, _one_person),
    Scenario("a rename and back", 0, "nothing differs in the end", _is_renamed_back, _one_person),
    Scenario(
        "ten renames of a group", 1, "the last name is what counts; the reply shows that the members were kept",
        _a_group_is_renamed_often, _two_teams,
    ),
    Scenario(
        "45 leavers out of 2 groups", 3 + 2, f"one lock call takes {LOCKS_PER_CALL} people; one call for each group",
        _all_leave, lambda world: _staff(world, 45, "Sales", "Support"),
    ),
    Scenario("one joiner of a known group, no backlog", 2, "one create, one placement", _joins, _two_teams),
    Scenario(
        "30 joiners, each into 2 known groups", 30 + 2, "all accounts first, then one call for each group",
        _many_join, _two_teams,
    ),
    Scenario(
        "the IdP sends 20 users and their group again", 0, "nothing differs",
        _everything_again, lambda world: _staff(world, 20, "Sales"),
    ),
    Scenario(
        "a leaver returns before delivery", 0, "nothing differs, and the lock was not sent",
        _leaves_and_returns, _two_teams,
    ),
    Scenario(
        "a joiner leaves before delivery", 1,
        "nobody is made; whether somebody of this address came to Hexnode since it was last read is looked up (1 page)",
        _comes_and_goes, _two_teams,
    ),
    Scenario(
        "150 people whom Hexnode has already", FIRST_LOOK + 1,
        "nobody is created: pages show everybody (users 2, devices 1, groups 1)", _adopted, None,
    ),
    Scenario(
        "a survey of 251 users, 120 groups, 130 devices", 3 + 2 + 2, f"pages of {PAGE}",
        _a_day_passes, _a_full_portal, only_on_sqlite=True,
    ),
    Scenario(
        "a survey finds one of ours renamed and out of a group", 3 + 2 + 1 + 1,
        "three lists of one page, the members of two groups; one edit and one placement put it right",
        _people_change_things_there, _two_teams,
    ),
)  # fmt: skip
