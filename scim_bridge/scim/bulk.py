"""The envelopes of a bulk request (RFC 7644 section 3.7): operations in, results out.

What stands inside an operation's data is not looked at here; `bulk_references` finds what refers to other operations.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate

from scim_bridge.scim.envelope import Envelope, loaded
from scim_bridge.scim.errors import ScimError, invalid_syntax, invalid_value, not_found, quoted, too_large
from scim_bridge.scim.messages import check_schemas
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE, ResourceType

REQUEST_URN = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE_URN = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

# authentik takes this number as the size of its PATCHes, so it is never below 100 (quirk 79).
MAX_OPERATIONS = 1000
MAX_PAYLOAD_SIZE = 1024 * 1024

Method = Literal["POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True)
class BulkOperation:
    """One operation. `target` is an id or `bulkId:x`, and None for POST; `version` is its If-Match."""

    method: Method
    resource_type: ResourceType
    target: str | None
    data: dict[str, Any]
    bulk_id: str | None = None
    version: str | None = None


@dataclass(frozen=True)
class Malformed:
    """An operation that cannot be tried, as far as it can be told what it is about."""

    method: str | None
    bulk_id: str | None
    error: ScimError
    resource_type: ResourceType | None = None
    target: str | None = None


@dataclass(frozen=True)
class BulkRequest:
    """The operations as sent; `fail_on_errors` is the number of errors that ends the job, None for no end."""

    operations: tuple[BulkOperation | Malformed, ...]
    fail_on_errors: int | None


@dataclass(frozen=True)
class Result:
    """What became of one operation; `error` is None when it succeeded."""

    operation: BulkOperation | Malformed
    status: int
    location: str | None = None
    version: str | None = None
    error: ScimError | None = None

    def document(self) -> dict[str, Any]:
        """As an element of the answer; `status` is the plain string (checklist 211)."""
        document = {
            "method": self.operation.method,
            "bulkId": self.operation.bulk_id,
            "location": self.location,
            "version": self.version,
            "status": str(self.status),
            "response": self.error.body() if self.error else None,
        }
        return {name: value for name, value in document.items() if value is not None}


def _method(sent: Any) -> Method:
    """Any letter case, as in PATCH operations (quirk 43)."""
    method = sent.upper() if isinstance(sent, str) else sent
    if method not in ("POST", "PUT", "PATCH", "DELETE"):
        raise ValidationError(f"{quoted(sent)} is not one of POST, PUT, PATCH and DELETE")
    return cast(Method, method)


def _operations(sent: Any) -> list[dict[str, Any]]:
    """Counted before they are looked at."""
    if not isinstance(sent, list):
        raise ValidationError("Not a list")
    if len(sent) > MAX_OPERATIONS:
        raise too_large(f"The number of operations exceeds the maxOperations ({MAX_OPERATIONS}).")
    if not all(isinstance(operation, dict) for operation in sent):
        raise ValidationError("Every operation must be an object")
    return sent


class _RequestSchema(Envelope):
    schemas = fields.List(fields.String(), required=True)
    operations = fields.Function(deserialize=_operations, data_key="Operations", required=True)
    fail_on_errors = fields.Integer(
        data_key="failOnErrors", strict=True, allow_none=True, load_default=None, validate=validate.Range(min=1)
    )


class _OperationSchema(Envelope):
    method = fields.Function(deserialize=_method, required=True)
    path = fields.String(required=True)
    bulk_id = fields.String(data_key="bulkId", allow_none=True, load_default=None)
    version = fields.String(allow_none=True, load_default=None)
    data = fields.Raw(allow_none=True, load_default=None)


_REQUEST, _OPERATION = _RequestSchema(), _OperationSchema()


def bulk_request(body: dict[str, Any], base_url: str) -> BulkRequest:
    """The operations of a BulkRequest body; a malformed one does not sink the others.

    Raises 413 for too many, 400 for a malformed envelope and for a bulkId that stands twice (checklist 217, 218).
    """
    envelope = loaded(_REQUEST, body)
    check_schemas(envelope["schemas"], REQUEST_URN)
    sent = envelope["operations"]
    _check_unique(_bulk_id(operation) for operation in sent)
    return BulkRequest(tuple(_operation(operation, base_url) for operation in sent), envelope["fail_on_errors"])


def bulk_response(results: Iterable[Result]) -> dict[str, Any]:
    """The BulkResponse with these results."""
    return {"schemas": [RESPONSE_URN], "Operations": [result.document() for result in results]}


def payload_too_large() -> ScimError:
    """413 that names the limit, in the words of RFC 7644 section 3.7.4."""
    return too_large(f"The size of the bulk operation exceeds the maxPayloadSize ({MAX_PAYLOAD_SIZE}).")


def _sent_as(sent: dict[str, Any], name: str) -> str | None:
    """A string of an operation, which may be malformed otherwise."""
    found = next((value for key, value in sent.items() if key.lower() == name), None)
    return found if isinstance(found, str) else None


def _bulk_id(sent: dict[str, Any]) -> str | None:
    return _sent_as(sent, "bulkid") or None


def _check_unique(bulk_ids: Iterable[str | None]) -> None:
    for bulk_id, times in Counter(bulk_ids).items():
        if bulk_id is not None and times > 1:
            raise invalid_syntax(f"The bulkId {quoted(bulk_id)} stands {times} times in the request")


def _operation(sent: dict[str, Any], base_url: str) -> BulkOperation | Malformed:
    bulk_id = _bulk_id(sent)
    try:
        said = loaded(_OPERATION, sent)
        resource_type, target = _target(said["path"], base_url)
    except ScimError as error:
        return Malformed(_sent_as(sent, "method"), bulk_id, error)
    method: Method = said["method"]
    if fault := _fault(said, target):
        return Malformed(method, bulk_id, fault, resource_type, target)
    data = {} if method == "DELETE" else said["data"]
    return BulkOperation(method, resource_type, target, data, bulk_id, said["version"] or None)


def _target(path: str, base_url: str) -> tuple[ResourceType, str | None]:
    """`/Users` or `/Users/id`, also behind our base URL or the path of it. Raises 404 for anything else."""
    relative = "/" + path.removeprefix(base_url).strip("/")
    relative = relative.removeprefix(urlsplit(base_url).path) + "/"
    for resource_type in (USER_TYPE, GROUP_TYPE):
        if relative.startswith(resource_type.endpoint + "/"):
            return resource_type, relative.removeprefix(resource_type.endpoint).strip("/") or None
    raise not_found(f"{quoted(path)} is neither /Users nor /Groups nor a resource of theirs.")


def _fault(said: dict[str, Any], target: str | None) -> ScimError | None:
    """What is REQUIRED for the method (RFC 7644 section 3.7), and is not there."""
    method = said["method"]
    if (target is None) != (method == "POST"):
        needed = "an endpoint, as in /Users" if method == "POST" else "a resource, as in /Users/id"
        return invalid_value(f"{method} needs the path of {needed}")
    if method == "POST" and not said["bulk_id"]:
        return invalid_syntax("POST needs a bulkId")
    if method != "DELETE" and not isinstance(said["data"], dict):
        return invalid_syntax(f"{method} needs data, an object")
    return None
