"""Finds what the commands about cases are about: tenants, the case whose id begins so, people's names, and the calls
that the journal has about a person. Only reads."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import click
from sqlalchemy import Connection, Text, cast, select

from scim_bridge.cli.case_lines import Names
from scim_bridge.delivery.tables import journal
from scim_bridge.directory import people
from scim_bridge.offboarding import reading
from scim_bridge.offboarding.reading import CaseView
from scim_bridge.offboarding.report import CallMade
from scim_bridge.provisioning.policy import Policy

# What was sent when a case was closed is answered, and looked after, somewhat later.
_AFTERWARDS: Final = timedelta(days=8)


def tenants(policy: Policy, name: str | None) -> tuple[str, ...]:
    """All tenants, or the one."""
    if name is not None and name not in policy.tenants:
        raise click.ClickException(f"There is no tenant {name}; the policy has: {', '.join(policy.tenants)}.")
    return tuple(policy.tenants) if name is None else (name,)


def case(connection: Connection, policy: Policy, text: str) -> CaseView:
    """The one case whose id begins so."""
    found = reading.named(connection, tuple(policy.tenants), text)
    if len(found) != 1:
        why = f"Several cases have an id that begins with {text}" if found else f"There is no case {text}"
        raise click.ClickException(f"{why}: `scim-bridge offboarding list --state all` shows their ids.")
    one = reading.one(connection, *found[0])
    if one is None:
        raise click.ClickException(f"There is no case {text} any more.")
    return one


def names(connection: Connection, who: Sequence[tuple[str, str]]) -> Names:
    """The userName of each (tenant, user id), the deleted too."""
    known: dict[tuple[str, str], str] = {}
    for tenant in {tenant for tenant, _ in who}:
        ids = sorted({user_id for its, user_id in who if its == tenant})
        for user in people.with_ids(connection, tenant, ids):
            known[tenant, user.id] = str(user.document.get("userName") or f"user {user.id}")
    return known


def names_of(connection: Connection, cases: Sequence[CaseView]) -> Names:
    """The same for cases."""
    return names(connection, [(case.tenant, case.user_id) for case in cases])


def calls(connection: Connection, policy: Policy, case: CaseView, now: datetime) -> tuple[CallMade, ...]:
    """Every call about this person from the opening of the case on, until what it sent was looked after."""
    until = case.closed_at + _AFTERWARDS if case.closed_at else now
    during = (journal.c.sent_at >= case.opened_at, journal.c.sent_at <= until)
    about = (cast(journal.c.subject, Text).contains(case.user_id, autoescape=True), *during)
    query = select(journal).where(journal.c.portal == policy.tenants[case.tenant].portal, *about)
    rows = connection.execute(query.order_by(journal.c.id)).all()
    mine = [row for row in rows if row.subject.get("tenant") == case.tenant]
    return tuple(CallMade(row.kind, row.sent_at, row.done_at, row.outcome, row.detail) for row in mine)


def person(connection: Connection, names: Sequence[str], text: str) -> str:
    """The id of the one person of these tenants whom the text names."""
    found = [user for name in names for user in people.named(connection, name, text)]
    if not found:
        raise click.ClickException(f"Nobody has the userName, externalId, id or e-mail address {text}.")
    if len(found) > 1:
        several = "; ".join(f"{user.document['userName']} (id {user.id}, tenant {user.tenant})" for user in found)
        raise click.ClickException(f"{text} names several people: {several}. Ask by id.")
    return found[0].id
