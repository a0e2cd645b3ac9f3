"""Settings from the environment: defaults, forms, and every fault named at once."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from scim_bridge import config
from scim_bridge.config import SettingsError

KEY = "A" * 43 + "="
OTHER_KEY = "-_" * 21 + "8="


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = config.read({})
    assert settings.database_url == "sqlite:///scim-bridge.db"
    assert (settings.policy_path, settings.public_url, settings.hexnode_url, settings.hexnode_api_key) == (None,) * 4
    assert (settings.lease_seconds, settings.scan_seconds, settings.encryption_keys) == (45, 1, ())
    assert settings.notify_private is False


def test_a_variable_that_is_set_but_empty_counts_as_unset() -> None:
    names = ("DATABASE_URL", "POLICY", "PUBLIC_URL", "HEXNODE_URL", "HEXNODE_API_KEY", "LEASE_SECONDS", "SCAN_SECONDS")
    names = (*names, "ENCRYPTION_KEYS", "NOTIFY_PRIVATE")
    environ = dict.fromkeys((f"SCIM_BRIDGE_{name}" for name in names), "")
    assert config.read(environ).database_url == config.read({}).database_url
    assert config.read(environ).public_url is None
    assert config.read(environ).encryption_keys == ()


def test_the_process_environment_is_read_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIM_BRIDGE_PUBLIC_URL", "https://scim.acme.test")
    assert config.read().public_url == "https://scim.acme.test"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("postgres://u:p@db/bridge", "postgresql+psycopg://u:p@db/bridge"),
        ("postgresql://u:p@db/bridge", "postgresql+psycopg://u:p@db/bridge"),
        ("postgresql+psycopg://u:p@db/bridge", "postgresql+psycopg://u:p@db/bridge"),
        ("postgresql:///bridge?host=/run/postgresql", "postgresql+psycopg:///bridge?host=/run/postgresql"),
        ("sqlite:////var/lib/bridge.db", "sqlite:////var/lib/bridge.db"),
    ],
)
def test_a_database_url_is_taken_in_every_usual_form(text: str, url: str) -> None:
    assert config.read({"SCIM_BRIDGE_DATABASE_URL": text}).database_url == url


@pytest.mark.parametrize(
    "text",
    [
        "mysql://db/bridge",
        "bridge.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "postgresql+psycopg2://db/bridge",
        "postgresql://db:port/bridge",
    ],
)
def test_a_database_that_cannot_be_used_is_a_fault(text: str) -> None:
    assert _faults(SCIM_BRIDGE_DATABASE_URL=text) == [
        "SCIM_BRIDGE_DATABASE_URL must name a file as sqlite:///FILE, or a server as postgresql://HOST:PORT/NAME."
    ]


def test_a_faulty_database_url_is_named_without_its_password() -> None:
    assert "hush" not in str(_faults(SCIM_BRIDGE_DATABASE_URL="mysql://u:hush@db/bridge"))


def test_the_public_url_loses_its_last_slash() -> None:
    assert config.read({"SCIM_BRIDGE_PUBLIC_URL": "https://scim.acme.test/"}).public_url == "https://scim.acme.test"


def test_a_public_url_must_be_one() -> None:
    assert len(_faults(SCIM_BRIDGE_PUBLIC_URL="scim.acme.test")) == 1


@pytest.mark.parametrize("text", ["35", "3600"])
def test_a_lease_may_be_as_short_or_as_long_as_this(text: str) -> None:
    assert config.read({"SCIM_BRIDGE_LEASE_SECONDS": text}).lease_seconds == int(text)


@pytest.mark.parametrize("text", ["34", "3601", "-45", "45.0", "soon"])
def test_a_lease_out_of_bounds_is_a_fault(text: str) -> None:
    assert _faults(SCIM_BRIDGE_LEASE_SECONDS=text) == [
        "SCIM_BRIDGE_LEASE_SECONDS must be a whole number of seconds from 35 to 3600."
    ]


@pytest.mark.parametrize("text", ["1", "50"])
def test_a_search_may_take_as_little_or_as_much_time_as_this(text: str) -> None:
    assert config.read({"SCIM_BRIDGE_SCAN_SECONDS": text}).scan_seconds == int(text)


@pytest.mark.parametrize("text", ["0", "51", "-1", "1.5", "long"])
def test_a_search_time_out_of_bounds_is_a_fault(text: str) -> None:
    assert _faults(SCIM_BRIDGE_SCAN_SECONDS=text) == [
        "SCIM_BRIDGE_SCAN_SECONDS must be a whole number of seconds from 1 to 50."
    ]


@pytest.mark.parametrize("text", [f"{KEY},{OTHER_KEY}", f" {KEY} , {OTHER_KEY},"])
def test_encryption_keys_stand_in_their_order(text: str) -> None:
    assert config.read({"SCIM_BRIDGE_ENCRYPTION_KEYS": text}).encryption_keys == (KEY, OTHER_KEY)


def test_every_key_that_is_made_for_fernet_can_be_used() -> None:
    made = [Fernet.generate_key().decode() for _ in range(20)]
    assert config.read({"SCIM_BRIDGE_ENCRYPTION_KEYS": ",".join(made)}).encryption_keys == tuple(made)


@pytest.mark.parametrize("key", [KEY[:-1], KEY[4:], KEY * 2, "hush", "é" * 44, KEY.replace("A", "!", 1)])
def test_a_key_that_is_none_is_a_fault_that_does_not_show_it(key: str) -> None:
    assert _faults(SCIM_BRIDGE_ENCRYPTION_KEYS=f"{OTHER_KEY},{key}") == [
        "SCIM_BRIDGE_ENCRYPTION_KEYS, number 2 of them, must be 32 random bytes in URL-safe base64, as 44 letters."
    ]


@pytest.mark.parametrize(("text", "private"), [("1", True), ("0", False)])
def test_notices_may_go_to_private_networks_or_not(text: str, private: bool) -> None:
    assert config.read({"SCIM_BRIDGE_NOTIFY_PRIVATE": text}).notify_private is private


def test_a_half_word_about_private_networks_is_a_fault() -> None:
    assert _faults(SCIM_BRIDGE_NOTIFY_PRIVATE="yes") == [
        "SCIM_BRIDGE_NOTIFY_PRIVATE must be 1 (notices may go to hosts of a private network) or 0."
    ]


def test_a_policy_must_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").touch()
    assert config.read({"SCIM_BRIDGE_POLICY": str(tmp_path / "policy.toml")}).policy_path == tmp_path / "policy.toml"
    assert str(tmp_path / "other.toml") in _faults(SCIM_BRIDGE_POLICY=str(tmp_path / "other.toml"))[0]
    assert len(_faults(SCIM_BRIDGE_POLICY=str(tmp_path))) == 1


def test_all_faults_are_named_at_once() -> None:
    faults = _faults(
        SCIM_BRIDGE_DATABASE_URL="oracle://",
        SCIM_BRIDGE_PUBLIC_URL="ftp://acme.test",
        SCIM_BRIDGE_LEASE_SECONDS="1",
        SCIM_BRIDGE_SCAN_SECONDS="0",
        SCIM_BRIDGE_ENCRYPTION_KEYS="short",
        SCIM_BRIDGE_POLICY="/nowhere/policy.toml",
        SCIM_BRIDGE_NOTIFY_PRIVATE="maybe",
    )
    names = [
        "DATABASE_URL",
        "PUBLIC_URL",
        "LEASE_SECONDS",
        "SCAN_SECONDS",
        "ENCRYPTION_KEYS",
        "POLICY",
        "NOTIFY_PRIVATE",
    ]
    assert [fault.split()[0].rstrip(",") for fault in faults] == [f"SCIM_BRIDGE_{name}" for name in names]


def test_neither_the_key_nor_the_environment_is_shown() -> None:
    settings = config.read({"SCIM_BRIDGE_HEXNODE_API_KEY": "hush", "SCIM_BRIDGE_ENCRYPTION_KEYS": KEY})
    assert settings.hexnode_api_key == "hush"
    assert "hush" not in repr(settings)
    assert KEY not in repr(settings)


def _faults(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        config.read(environ)
    assert str(raised.value) == "\n".join(raised.value.faults)
    return raised.value.faults
