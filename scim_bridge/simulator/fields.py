"""Reading a request body as Django REST framework would: the form of the whole, then its fields."""

import re
from collections.abc import Callable, Container, Mapping
from datetime import UTC, datetime
from typing import Any

from scim_bridge.simulator.refusal import bad_body, bad_fields, not_found

Readers = Mapping[str, Callable[[Any], Any]]


def one_object(body: Any, form: str) -> dict[str, Any]:
    """The object in `body`, which comes bare, in a list of one, or either (`form`: object, list, both)."""
    if isinstance(body, list) and form != "object":
        if len(body) != 1:
            raise bad_body("Expected a list with exactly one dictionary.")
        body = body[0]
    elif form == "list":
        raise bad_body(f'Expected a list of items but got type "{type(body).__name__}".')
    if not isinstance(body, dict):
        raise bad_body(f"Invalid data. Expected a dictionary, but got {type(body).__name__}.")
    return body


def read(body: Mapping[str, Any], required: Readers, optional: Readers) -> dict[str, Any]:
    """The known fields that are present, each through its reader. Raises Refused naming every fault."""
    readers = {**required, **optional}
    errors = {name: ["This field is required."] for name in required if name not in body}
    values = {}
    for name in [name for name in readers if name in body]:
        try:
            values[name] = readers[name](body[name])
        except ValueError as fault:
            errors[name] = [str(fault)]
    if errors:
        raise bad_fields(errors)
    return values


def text(value: Any) -> str:
    """A string that says something."""
    if value is None:
        raise ValueError("This field may not be null.")
    if not isinstance(value, str):
        raise ValueError("Not a valid string.")
    if not value.strip():
        raise ValueError("This field may not be blank.")
    return value.strip()


def name(most: int, letters: str) -> Callable[[Any], str]:
    """A reader of names of at most so many letters (0: any number), `any` or `ascii` ones."""

    def read_name(value: Any) -> str:
        if most and len(text(value)) > most:
            raise ValueError(f"Ensure this field has no more than {most} characters.")
        if letters == "ascii" and not text(value).isascii():
            raise ValueError("This field contains characters that are not allowed.")
        return text(value)

    return read_name


def email(value: Any) -> str:
    """Something that looks like an address."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text(value)):
        raise ValueError("Enter a valid email address.")
    return text(value)


def loose_text(value: Any) -> str | None:
    """A string or a number, which the documents mix (hexnode-api.md section 13 row 7), or null."""
    if value is None or isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    raise ValueError("Not a valid string.")


def string_or_null(value: Any) -> str | None:
    """A string or null."""
    if type(value) is int:
        raise ValueError("Not a valid string.")
    return loose_text(value)


def digits_or_null(value: Any) -> str | None:
    """A number, or a string of digits, or null: what the documents call an Integer."""
    if value is None or (type(value) is int and value >= 0):
        return None if value is None else str(value)
    if not (isinstance(value, str) and value.isascii() and value.isdigit()):
        raise ValueError("A valid integer is required.")
    return value


def strong_password(value: Any) -> str:
    """Eight letters or more, with a digit."""
    if len(text(value)) < 8 or not any(letter.isdigit() for letter in text(value)):
        raise ValueError("This password is too weak.")
    return text(value)


PHONENO: Readers = {"any": loose_text, "string": string_or_null, "number": digits_or_null}
PASSWORD: Readers = {"optional": loose_text, "required": text, "strong": strong_password}


def pin(value: Any) -> str:
    """The six digits of a lock PIN (hexnode-api.md section 9.3)."""
    if not (isinstance(value, str) and re.fullmatch("[0-9]{6}", value)):
        raise ValueError("Ensure this field has exactly 6 digits.")
    return value


def moment(value: Any) -> datetime:
    """A time in ISO 8601, with its offset or in UTC."""
    try:
        read_time = datetime.fromisoformat(text(value))
    except ValueError:
        raise ValueError("Datetime has wrong format.") from None
    return read_time if read_time.tzinfo else read_time.replace(tzinfo=UTC)


def ownership(value: Any) -> str:
    """Whose a device is."""
    if value not in ("corporate", "personal"):
        raise ValueError(f'"{value}" is not a valid choice.')
    return str(value)


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("Must be a valid boolean.")
    return value


def number(value: Any) -> int:
    """An integer."""
    if type(value) is not int:
        raise ValueError("A valid integer is required.")
    return value


def ids(value: Any) -> list[int]:
    """An array of integers, each kept once."""
    if not isinstance(value, list):
        raise ValueError(f'Expected a list of items but got type "{type(value).__name__}".')
    return list(dict.fromkeys(number(each) for each in value))


def known(field: str, wanted: list[int], table: Container[int], unknown_ids: str) -> list[int]:
    """Those of `wanted` that `table` has; the others are skipped or refuse the whole call (`unknown_ids`)."""
    strangers = [each for each in wanted if each not in table]
    if strangers and unknown_ids == "not_found":
        raise not_found()
    if strangers and unknown_ids == "refuse":
        raise bad_fields({field: [f'Invalid pk "{strangers[0]}" - object does not exist.']})
    return [each for each in wanted if each in table]
