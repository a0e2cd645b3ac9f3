"""The mistakes, each as what the IdP sends, on a company of any size. None of them is a person's word."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from scim_bridge.offboarding.recipe import recipe_of
from tests.mistakes.company import Company

# As much as a policy can ask for without a person's approval: then only the guard stands between a mistake and devices.
HARSH: Final = recipe_of("lock", "leave_groups", "hold 1h", "wipe", "disenroll", "delete_user")
APPROVED: Final = recipe_of("lock", "leave_groups", "hold 1h", "approve", "wipe", "disenroll", "delete_user")
# Entra sends up to 25 requests a second (entra.md).
ENTRA: Final = 25


def empties_the_group(company: Company) -> None:
    """PUT with `members: []`."""
    company.put_group([])


def removes_all_members(company: Company) -> None:
    """PATCH that removes `members`."""
    company.patch(f"/Groups/{company.group}", {"op": "remove", "path": "members"})


def removes_each_member(company: Company) -> None:
    """PATCH that removes the members one by one, in one request."""
    paths = (f'members[value eq "{person}"]' for person in company.people)
    company.patch(f"/Groups/{company.group}", *({"op": "remove", "path": path} for path in paths))


def deletes_the_group(company: Company) -> None:
    """DELETE of the group by which people are assigned to the application."""
    company.send("DELETE", f"/Groups/{company.group}")


def deactivates_everybody(company: Company, rate: float = ENTRA) -> None:
    """So many a second."""
    company.each(company.deactivate, company.people, timedelta(seconds=1) / rate)


def deactivates_slowly(company: Company, an_hour: int, a_day: int) -> None:
    """So many at the beginning of each hour, but no more than so many of each day; of two days."""
    begin = company.made.clock()
    for number, person in enumerate(company.people[: a_day + an_hour]):
        day, of_day = divmod(number, a_day)
        at = begin + timedelta(days=day, hours=of_day // an_hour, minutes=of_day % an_hour)
        company.made.due.append((at, partial(company.deactivate, person)))


def deactivates_in_one_request(company: Company) -> None:
    """A bulk request."""
    company.deactivate_in_bulk(company.people)


def deletes_everybody(company: Company, rate: float = ENTRA) -> None:
    """DELETE of each person."""
    company.each(partial(_delete, company), company.people, timedelta(seconds=1) / rate)


def _delete(company: Company, person: str) -> None:
    company.send("DELETE", f"/Users/{person}")


MORE: Final[tuple[Callable[[Company], None], ...]] = (
    removes_all_members, removes_each_member, deletes_the_group, deactivates_everybody, deletes_everybody,
)  # fmt: skip
