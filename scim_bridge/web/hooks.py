"""`POST /hooks/hr/{tenant}`: an HR system's signed word that somebody leaves. The signature is the only credential, and
the answers are plain JSON, the refusals problem details (RFC 9457). No name or address is ever logged here."""

import hashlib
from datetime import datetime
from typing import Any

import orjson
import structlog
from flask import Flask, Response, request
from sqlalchemy import Connection, select

from scim_bridge.db.engine import TookTooLongError, reading, writing
from scim_bridge.directory import finding
from scim_bridge.directory.model import User
from scim_bridge.offboarding import hook_events
from scim_bridge.offboarding.hook_events import Answered, EventKey
from scim_bridge.offboarding.tables import cases
from scim_bridge.offboarding.triggers import HR_EVENT, Leaver
from scim_bridge.provisioning import leaving
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.scim import json_body
from scim_bridge.scim.errors import ScimError, conflict, not_found, too_large
from scim_bridge.web import problems
from scim_bridge.web.answers import Answer
from scim_bridge.web.attempts import attempted
from scim_bridge.web.auth import public
from scim_bridge.web.bodies import MAX_BODY
from scim_bridge.web.context import Parts, parts
from scim_bridge.web.hr_events import Termination, termination
from scim_bridge.web.signatures import Message, refusal

log = structlog.get_logger()

HOOKS = "/hooks/"
_UNSIGNED = "The message is not signed as this address demands."
NO_MORE_URGENT = "The policy allows no more urgent events today: this one is handled as an ordinary one."
OPEN_ALREADY = "The person had an open case already, which is not urgent and stays as it is."


def install(app: Flask) -> None:
    """The route, and problem details for whatever is refused below `/hooks/`."""
    app.add_url_rule(f"{HOOKS}hr/<tenant>", "hr_hook", hr_hook, methods=("POST",))
    problems.install(app, HOOKS)


@public
def hr_hook(tenant: str) -> Response:
    """Open the leaver's case. 202 with what was done, else a problem: 400, 401, 404, 409, 413, 415."""
    built, now, raw = parts(), parts().now(), _raw()
    policy = _signer(built, tenant, raw, now)
    event = termination(json_body.parse(raw))
    if event is None:
        log.info("webhook.received", tenant=policy.name, result="ignored")
        return _answer(202, {"ignored": True})
    key = EventKey(policy.name, request.headers["Webhook-Id"], hashlib.sha256(raw).hexdigest())
    given = _given(built, key) or attempted(lambda: _offboarded(built, policy, key, event, now))
    if given.digest != key.digest:
        # Kept silent, this would be a leaver of whom nobody ever hears again.
        raise conflict("This webhook-id was used for another event: nothing was done about this one.")
    log.info("webhook.received", tenant=policy.name, result="accepted", case=given.document.get("case"))
    return _answer(given.status, given.document)


def _raw() -> bytes:
    """The body as it was signed. Raises 413 and 415."""
    if request.mimetype not in ("", "application/json"):
        raise ScimError(415, "Send application/json.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ScimError(415, "Encoded bodies are not accepted.")
    too_long = too_large(f"The body is larger than {MAX_BODY} bytes.")
    if (request.content_length or 0) > MAX_BODY:
        raise too_long
    raw = request.stream.read(MAX_BODY + 1)
    if len(raw) > MAX_BODY:
        raise too_long
    return raw


def _signer(built: Parts, tenant: str, raw: bytes, now: datetime) -> TenantPolicy:
    """The tenant whose secret has signed this. Raises the same 401 whatever was wrong: an unknown tenant, one without
    a secret, the time, the signature."""
    policy, sent = built.policy.tenants.get(tenant), request.headers
    message = Message(
        sent.get("Webhook-Id", ""), sent.get("Webhook-Timestamp", ""), sent.get("Webhook-Signature", ""), raw
    )
    fault = refusal(message, policy.hooks.secrets, now) if policy else "tenant"
    if policy is None or fault is not None:
        log.warning("webhook.rejected", tenant=policy and policy.name, fault=fault)
        raise ScimError(401, _UNSIGNED)
    return policy


def _given(built: Parts, key: EventKey) -> Answered | None:
    with reading(built.engine) as connection:
        return hook_events.answered(connection, key)


def _offboarded(built: Parts, policy: TenantPolicy, key: EventKey, event: Termination, now: datetime) -> Answered:
    """Find the person, and in one transaction with the event open the case. Raises 404 and 409, which are not kept: the
    same event may be sent again when the directory has been put right."""
    person = _person(built, policy, event)
    with writing(built.engine) as connection:
        given = hook_events.claim(connection, key, now)
        if given is None:
            document = _opened(connection, policy, person, event, now)
            hook_events.answer(connection, key, 202, document)
            given = Answered(202, document, key.digest)
    return given


def _person(built: Parts, policy: TenantPolicy, event: Termination) -> User:
    """The one whom all identifiers name. Asked in a transaction of its own: an employee number may take its time."""
    try:
        with reading(built.engine) as connection:
            people = finding.found(connection, policy.name, event.identifiers, built.scan_seconds)
    except TookTooLongError:
        raise ScimError(503, "Looking for an employee number takes too long here: name the person otherwise.") from None
    names = " and ".join(event.identifiers)
    if len(people) != 1:
        log.warning("webhook.received", tenant=policy.name, result="several" if people else "nobody")
    if not people:
        raise not_found(f"Nobody in this directory has this {names}.")
    if len(people) > 1:
        raise conflict(f"This {names} names more than one person: nobody was offboarded.")
    return people[0]


def _opened(
    connection: Connection, policy: TenantPolicy, person: User, event: Termination, now: datetime
) -> dict[str, Any]:
    """What is answered about the person: the case, or that the policy protects them."""
    per_day = policy.hooks.urgent_per_day
    urgent = event.urgent and hook_events.may_be_urgent(connection, policy.name, per_day, now)
    leaver = Leaver(policy.name, person.id, HR_EVENT, "hr", event.reason, urgent)
    case_id = leaving.leave(connection, policy, leaver, now)
    if case_id is None:
        return {"person": person.id, "protected": True}
    mine = (cases.c.tenant == policy.name, cases.c.id == case_id)
    case = connection.execute(select(cases.c.state, cases.c.urgent).where(*mine)).one()
    document = {"case": case_id, "person": person.id, "state": case.state}
    if not event.urgent:
        return document
    note = {} if case.urgent else {"note": OPEN_ALREADY if urgent else NO_MORE_URGENT}
    return {**document, "urgent": case.urgent, **note}


def _answer(status: int, document: dict[str, Any]) -> Response:
    return Answer(orjson.dumps(document), status, content_type="application/json")
