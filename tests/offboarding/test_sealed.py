"""Sealed: a PIN is stored so that only a key opens it, and keys can follow one another."""

import pytest
from cryptography.fernet import Fernet

from scim_bridge.offboarding.sealed import new_pin, open_sealed, seal


@pytest.fixture
def keys() -> list[str]:
    return [Fernet.generate_key().decode() for _ in range(3)]


@pytest.mark.parametrize("text", ["042137", "", "ünïcode"])
def test_what_was_sealed_is_opened(keys: list[str], text: str) -> None:
    assert open_sealed(keys, seal(keys, text)) == text


def test_sealed_text_shows_nothing_and_is_never_twice_the_same(keys: list[str]) -> None:
    first, second = seal(keys, "042137"), seal(keys, "042137")
    assert first != second
    assert "042137" not in first
    assert first.isascii()


def test_the_first_key_seals(keys: list[str]) -> None:
    assert open_sealed(keys[:1], seal(keys, "042137")) == "042137"


def test_every_key_opens_so_that_one_can_follow_another(keys: list[str]) -> None:
    sealed = seal(keys[2:], "042137")
    assert open_sealed(keys, sealed) == "042137"


def test_a_key_that_sealed_nothing_opens_nothing(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="none of the keys"):
        open_sealed(keys[1:], seal(keys, "042137"))


@pytest.mark.parametrize("text", ["", "042137", "é", "gAAAAA"])
def test_what_was_never_sealed_is_not_opened(keys: list[str], text: str) -> None:
    with pytest.raises(ValueError, match="none of the keys"):
        open_sealed(keys, text)


def test_what_was_changed_is_not_opened(keys: list[str]) -> None:
    sealed = seal(keys, "042137")
    changed = sealed[:-5] + ("A" if sealed[-5] != "A" else "B") + sealed[-4:]
    with pytest.raises(ValueError, match="none of the keys"):
        open_sealed(keys, changed)


def test_without_a_key_nothing_is_sealed_or_opened(keys: list[str]) -> None:
    with pytest.raises(ValueError):
        seal([], "042137")
    with pytest.raises(ValueError):
        open_sealed([], seal(keys, "042137"))


def test_a_pin_has_six_digits_and_is_not_guessed_from_another() -> None:
    pins = [new_pin() for _ in range(200)]
    assert all(len(pin) == 6 and pin.isascii() and pin.isdecimal() for pin in pins)
    assert len(set(pins)) > 190
    assert any(pin.startswith("0") for pin in pins)
