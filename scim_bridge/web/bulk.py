"""Bulk requests (RFC 7644 section 3.7): each operation through the use case of the single request, in a transaction of
its own. What fails is that operation's result and nobody else's."""

from collections.abc import Set
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from flask import Response

from scim_bridge.directory.documents import location
from scim_bridge.scim.bulk import (
    BulkOperation,
    BulkRequest,
    Malformed,
    Result,
    bulk_request,
    bulk_response,
    payload_too_large,
)
from scim_bridge.scim.bulk_circles import begun, completion
from scim_bridge.scim.bulk_order import planned
from scim_bridge.scim.bulk_references import bulk_id_in, resolved
from scim_bridge.scim.errors import ScimError, not_found, quoted
from scim_bridge.scim.projection import EVERYTHING
from scim_bridge.scim.resources import GROUP_TYPE
from scim_bridge.web import groups, users
from scim_bridge.web.answers import answer
from scim_bridge.web.attempts import attempted
from scim_bridge.web.bodies import body
from scim_bridge.web.context import Case, case
from scim_bridge.web.errors import refusal_of
from scim_bridge.web.shown import Shown


def bulk() -> Response:
    """POST /Bulk: 200 with a result for each operation that was tried. 400 or 413 when none was."""
    asked = case()
    sent = bulk_request(_body(), asked.base_url)
    return answer(bulk_response(_Job(asked, sent).results()))


def _body() -> dict[str, Any]:
    """The body; one that is too large hears which limit it is beyond (RFC 7644 section 3.7.4)."""
    try:
        return body()()
    except ScimError as error:
        raise payload_too_large() if error.status == 413 else error from None


class _Job:
    """One bulk request while it is performed: the results so far, and the ids that stand for its bulkIds."""

    def __init__(self, asked: Case, sent: BulkRequest) -> None:
        self._case, self._sent = asked, sent
        self._results: dict[int, Result] = {}
        self._ids: dict[str, str] = {}

    def results(self) -> list[Result]:
        """Perform it; gives the results in the order of the request. What was begun is completed in any case."""
        plan = planned(self._sent.operations)
        for step in plan.steps:
            operation, late = self._sent.operations[step.index], plan.put_off.get(step.index, frozenset())
            if step.completes:
                self._complete(step.index, operation, late)
            elif not self._is_over():
                self._results[step.index] = self._performed(operation, late)
        return [self._results[index] for index in sorted(self._results)]

    def _is_over(self) -> bool:
        limit = self._sent.fail_on_errors
        return limit is not None and sum(result.error is not None for result in self._results.values()) >= limit

    def _performed(self, operation: BulkOperation | Malformed, late: Set[str]) -> Result:
        try:
            if isinstance(operation, Malformed):
                raise operation.error
            return self._written(resolved(begun(operation, late), self._ids))
        except Exception as error:
            refusal = refusal_of(error)
            return Result(operation, refusal.status, self._address(operation), error=refusal)

    def _complete(self, index: int, operation: BulkOperation | Malformed, late: Set[str]) -> None:
        """Add the references that were put off. The resource stays when they cannot be added, and the result says
        so: deleting it again would make a leaver of somebody who has only just come."""
        made = self._results.get(index)
        if made is None or made.error or isinstance(operation, Malformed):
            return
        try:
            version = self._completed(operation, late).version
            self._results[index] = replace(made, version=version)
        except Exception as error:
            refusal = refusal_of(error)
            self._results[index] = replace(made, status=refusal.status, error=refusal)

    def _completed(self, operation: BulkOperation, late: Set[str]) -> Result:
        missing = late - self._ids.keys()
        if missing:
            named = quoted(", ".join(sorted(missing)))
            raise ScimError(409, f"The resource was created without its references to what was not: bulkId {named}.")
        resource_id = self._ids[operation.bulk_id or ""]
        return self._written(resolved(completion(operation, late, resource_id), self._ids))

    def _written(self, operation: BulkOperation) -> Result:
        """Perform an operation whose references are resolved. Raises whatever the use case raises."""
        asked = replace(self._case, if_match=operation.version, if_none_match=None, projection=EVERYTHING)
        status, written = attempted(lambda: _write(asked, operation))
        if written is None:
            return Result(operation, status, self._address(operation))
        resource = written.resource
        if operation.method == "POST" and operation.bulk_id:
            self._ids[operation.bulk_id] = resource.id
        return Result(operation, status, written.address, written.etag)

    def _address(self, operation: BulkOperation | Malformed) -> str | None:
        """Where the resource is or would be; None for a POST and for what has no usable path (RFC 7644 3.7.3)."""
        if operation.method == "POST" or operation.resource_type is None or operation.target is None:
            return None
        bulk_id = bulk_id_in(operation.target)
        resource_id = operation.target if bulk_id is None else self._ids.get(bulk_id)
        # An id of ours needs no escape; one that a client made up may, for a location is a URI.
        made_safe = quote(resource_id or "", safe="")
        return location(operation.resource_type, made_safe, self._case.base_url) if made_safe else None


def _write(asked: Case, operation: BulkOperation) -> tuple[int, Shown | None]:
    """(status, what the use case gives) as of the single request; nothing is given after a DELETE."""
    cases = groups if operation.resource_type is GROUP_TYPE else users
    target = operation.target or ""
    if operation.method == "POST":
        return 201, cases.create(asked, lambda: operation.data)
    if operation.method == "DELETE":
        if cases.delete(asked, target):
            return 204, None
    elif found := (cases.put if operation.method == "PUT" else cases.patch)(asked, target, lambda: operation.data):
        return 204 if found.document is None else 200, found
    raise not_found(f"There is no {operation.resource_type.name} with this id.")
