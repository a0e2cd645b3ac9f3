"""Where JSON Schema ends: requests that obey the description and are refused all the same, and rightly.

Each of these rules stands in words in `openapi.yaml`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from schemathesis import Case, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import RejectedPositiveData

_SIXTY_FOUR_BITS = range(-(2**63), 2**63)
_PATH = re.compile(r"[.:\[]")
_WHOLE_NUMBERS = ("startIndex", "count", "failOnErrors")


def settle(case: Case[Any]) -> None:
    """Let the parameters of a good request agree with each other: OpenAPI describes each of them alone."""
    query = case.query or {}
    for name in [name for name in query if "/" in name]:
        del query[name]  # behind a question mark, what begins with a slash is the rest of the path (quirk 82)
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    if query.get("attributes") and query.get("excludedAttributes"):
        del query["excludedAttributes"]
    if "cursor" in query and not 0 <= int(query.get("count", 0)) <= 200:
        del query["cursor"]


def is_a_fault(failure: Failure, case: Case[Any], response: Response) -> bool:
    """Whether the failure says that the server or its description is wrong."""
    match failure:
        case RejectedPositiveData():
            return not (is_beyond_schema(case.body) or has_a_value_at_a_path(case) or repeats_a_bulk_id(case.body))
        case AcceptedNegativeData():
            return not (is_refused_inside(case, response) or is_wrong_in_a_format_alone(case))
        case _:
            return True


def is_beyond_schema(body: Any) -> bool:
    """Numbers beyond 64 bits, a key twice in another letter case, and 1.0, an integer for JSON Schema alone."""
    return any(_is_refused_anywhere(part) for part in _parts(body)) or (
        isinstance(body, dict) and any(isinstance(body.get(name), float) for name in _WHOLE_NUMBERS)
    )


def has_a_value_at_a_path(case: Case[Any]) -> bool:
    """In a PATCH the path decides which value is good; keys may be paths too. The examples have good ones."""
    if case.method != "PATCH" or case.meta is None or case.meta.phase.name == "examples":
        return False
    body: Any = case.body
    return any(operation.get("path") or _PATH.search("".join(operation["value"])) for operation in body["Operations"])


def repeats_a_bulk_id(body: Any) -> bool:
    """Only one operation of a bulk request can have a bulkId."""
    operations = body.get("Operations", []) if isinstance(body, dict) else []
    ids = [operation["bulkId"] for operation in operations if operation.get("bulkId")]
    return len(set(ids)) != len(ids)


def is_refused_inside(case: Case[Any], response: Response) -> bool:
    """A wrong operation of a bulk request is refused in its own result (RFC 7644 section 3.7.3)."""
    if case.path != "/scim/v2/Bulk":
        return False
    return any(int(result["status"]) >= 400 for result in json.loads(response.content)["Operations"])


def is_wrong_in_a_format_alone(case: Case[Any]) -> bool:
    """What is made to break one of our formats may obey it, or stand where it is ignored: only the server knows."""
    mutations = case.meta.phase.data.mutations if case.meta else ()
    return bool(mutations) and all(mutation.keywords == ("format",) for mutation in mutations)


def _parts(value: Any) -> Iterator[Any]:
    yield value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for inner in inside:
        yield from _parts(inner)


def _is_refused_anywhere(part: Any) -> bool:
    if isinstance(part, dict):
        return len({name.lower() for name in part}) != len(part)
    return isinstance(part, int) and part not in _SIXTY_FOUR_BITS
