"""The SCIM error (RFC 7644 section 3.12): one exception, and a constructor for each kind we answer with.

Nothing here knows about HTTP beyond the number of the status.
"""

from typing import Any

ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error"

# What a client sent is quoted back only so far: enough to recognise it, too little to reflect an attack.
_QUOTED = 80


class ScimError(Exception):
    """A refusal that the client is told about: `status`, `scim_type` (or None) and a readable `detail`."""

    def __init__(self, status: int, detail: str, scim_type: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.scim_type = scim_type
        self.detail = detail

    def body(self) -> dict[str, Any]:
        """The JSON body; `status` is a string (RFC 7644 section 3.12)."""
        body: dict[str, Any] = {"schemas": [ERROR_URN], "status": str(self.status), "detail": self.detail}
        if self.scim_type is not None:
            body["scimType"] = self.scim_type
        return body


def bad_request(scim_type: str, detail: str) -> ScimError:
    """400 with one of the scimType words of RFC 7644 table 9."""
    return ScimError(400, detail, scim_type)


def invalid_filter(detail: str) -> ScimError:
    """400 invalidFilter."""
    return bad_request("invalidFilter", detail)


def invalid_path(detail: str) -> ScimError:
    """400 invalidPath."""
    return bad_request("invalidPath", detail)


def invalid_syntax(detail: str) -> ScimError:
    """400 invalidSyntax."""
    return bad_request("invalidSyntax", detail)


def invalid_value(detail: str) -> ScimError:
    """400 invalidValue."""
    return bad_request("invalidValue", detail)


def mutability(detail: str) -> ScimError:
    """400 mutability."""
    return bad_request("mutability", detail)


def no_target(detail: str) -> ScimError:
    """400 noTarget."""
    return bad_request("noTarget", detail)


def not_found(detail: str) -> ScimError:
    """404."""
    return ScimError(404, detail)


def conflict(detail: str) -> ScimError:
    """409 uniqueness."""
    return ScimError(409, detail, "uniqueness")


def precondition_failed(detail: str) -> ScimError:
    """412: the resource has another version than If-Match says."""
    return ScimError(412, detail)


def too_large(detail: str) -> ScimError:
    """413."""
    return ScimError(413, detail)


def not_implemented(detail: str) -> ScimError:
    """501."""
    return ScimError(501, detail)


def quoted(sent: object) -> str:
    """What the client sent, in quotes and cut short, for use inside a `detail`."""
    text = str(sent)
    shown = text if len(text) <= _QUOTED else text[:_QUOTED] + "..."
    return "'" + "".join(c if c.isprintable() else "?" for c in shown) + "'"
