"""`scim-bridge demo` as a user runs it, and that it can fail."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scim_bridge.demo import hexnode
from scim_bridge.demo.hexnode import Portal
from scim_bridge.demo.processes import Running
from scim_bridge.demo.story import Story


def demo() -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "scim_bridge", "demo"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=90)


def test_the_demo_keeps_all_its_promises_and_ends_by_itself():
    done = demo()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("[ok]") == 12
    assert "BROKEN" not in done.stdout
    assert "From active:false to the lock at Hexnode:" in done.stdout
    assert "All promises kept." in done.stdout
    before, after = done.stdout.split("$ scim-bridge offboarding approve")
    assert "POST /actions/lock_devices/" in before
    assert (before.count("/actions/wipe_device/"), after.count("POST /actions/wipe_device/")) == (0, 1)


class DeafPortal(Portal):
    """A portal at which nothing ever happens."""

    def ledger(self) -> dict[str, Any]:
        return {"calls": [], "effects": []}

    def _state(self) -> dict[str, Any]:
        return {"users": [], "groups": [], "devices": []}


def test_a_promise_that_does_not_come_true_is_told_and_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(hexnode, "HAPPENS_WITHIN_SECONDS", 0.0)
    said: list[str] = []
    running = Running("http://127.0.0.1:1/scim/v2", "http://127.0.0.1:1", "token", tmp_path, {})
    story = Story(running, DeafPortal("http://127.0.0.1:1"), said.append)
    story._promise("the moon comes down", lambda: bool(story.portal.members("Moon")))
    assert story.broken == ["the moon comes down"]
    assert said == ["   [BROKEN] the moon comes down"]


class IdleRunning(Running):
    """A bridge in which no case waits for anything."""

    def command(self, *arguments: str) -> str:
        assert arguments == ("offboarding", "list", "--state", "approval")
        return "There is no such case.\n"


def test_without_a_case_that_waits_for_approval_nothing_is_approved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(hexnode, "HAPPENS_WITHIN_SECONDS", 0.0)
    said: list[str] = []
    running = IdleRunning("http://127.0.0.1:1/scim/v2", "http://127.0.0.1:1", "token", tmp_path, {})
    story = Story(running, DeafPortal("http://127.0.0.1:1"), said.append)
    story._wipe()
    assert story.broken == ["The wipe waits for an approval of the plan"]
