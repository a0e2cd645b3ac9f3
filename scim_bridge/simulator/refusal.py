"""The one exception by which a rule of the portal refuses a call, with the bodies of Django REST framework.

The error bodies are the framework's habits (hexnode-api.md section 4): the vendor's own are not recorded.
"""

from typing import Any


class Page:
    """Stands for a page for people in place of JSON."""


class Refused(Exception):  # noqa: N818 - the portal refuses; nothing has gone wrong here
    """A refusal to be answered with `status`, the JSON `body` (None is empty, Page a page) and extra `headers`."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def refused(detail: str, status: int = 400) -> Refused:
    """The whole call is refused, for a reason that belongs to no field."""
    return Refused(status, {"detail": detail})


def bad_fields(errors: dict[str, list[str]]) -> Refused:
    """400 with the faults of each field by its name."""
    return Refused(400, errors)


def bad_body(text: str) -> Refused:
    """400 for a body whose shape is wrong as a whole."""
    return bad_fields({"non_field_errors": [text]})


def not_found() -> Refused:
    """404 for an id that the portal does not know."""
    return refused("Not found.", 404)
