"""Compares an answer with what a conversation expects of it. Knows nothing of SCIM.

An object may have more keys than expected; a list must have the same elements in the same order. The expected
string "*" stands for any string that is not empty.
"""

from collections.abc import Iterator
from typing import Any


def differences(expected: Any, actual: Any, *, unordered: bool = False, where: str = "") -> Iterator[str]:
    """What is not as expected, each with its JSON pointer; `unordered` lets lists come in any order."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            if key in actual:
                yield from differences(value, actual[key], unordered=unordered, where=f"{where}/{key}")
            else:
                yield f"{where}/{key} is missing"
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        ordered = _paired(expected, actual) if unordered else actual
        for index, (value, found) in enumerate(zip(expected, ordered, strict=True)):
            yield from differences(value, found, unordered=unordered, where=f"{where}/{index}")
    elif not _is(expected, actual):
        yield f"{where} is {actual!r}, not {expected!r}"


def pointed(document: Any, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901); None when there is none."""
    for key in pointer.split("/")[1:]:
        name = key.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list):
            document = document[int(name)] if int(name) < len(document) else None
        else:
            document = document.get(name) if isinstance(document, dict) else None
    return document


def _is(expected: Any, actual: Any) -> bool:
    """Equal and of one type: JSON's true is not 1, and "1" is not 1."""
    if expected == "*":
        return isinstance(actual, str) and actual != ""
    return type(expected) is type(actual) and bool(expected == actual)


def _paired(expected: list[Any], actual: list[Any]) -> list[Any]:
    """The elements of `actual`, each at the place of an expected one that it fits; the others fill what is left."""
    left = list(actual)
    fitting = [_taken(value, left) for value in expected]
    return [left.pop(0) if found is None else found for found in fitting]


def _taken(value: Any, left: list[Any]) -> Any:
    """The first of `left` that fits, taken out of it; None when none does."""
    for index, found in enumerate(left):
        if not list(differences(value, found, unordered=True)):
            return left.pop(index)
    return None
