"""Runs commands in this process, on an environment of their own."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scim_bridge.cli.main import main
from tests.processes.running import NOBODY


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of the commands, for a test to change; none of the caller's remain. Files are in `tmp_path`."""
    for name in [name for name in os.environ if name.startswith("SCIM_BRIDGE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return {"SCIM_BRIDGE_HEXNODE_URL": NOBODY, "SCIM_BRIDGE_HEXNODE_API_KEY": "simulator-key"}


@pytest.fixture
def cli(environ: dict[str, str]) -> Callable[..., Result]:
    """`cli("token", "list")`: the result, which no exception may have caused."""

    def run(*arguments: str, **settings: str) -> Result:
        result = CliRunner().invoke(main, arguments, prog_name="scim-bridge", env={**environ, **settings})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def fault(cli: Callable[..., Result]) -> Callable[..., str]:
    """`fault("token", "list")`: what a command that cannot be carried out says; nothing of it on stdout."""

    def run(*arguments: str, **settings: str) -> str:
        result = cli(*arguments, **settings)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("Error: ")
        return result.stderr.removeprefix("Error: ").strip()

    return run
