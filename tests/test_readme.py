"""The README stays true: its commands, targets, settings, rooms and the demo's words exist."""

import re
from pathlib import Path

import click
import pytest

from scim_bridge.cli.main import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
COMMANDS = sorted(set(re.findall(r"scim-bridge((?: [a-z]+)+(?: --?[a-z-]+)*)", README)))


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_in_the_readme_exists_with_its_options(words: str):
    command: click.Command = main
    for word in words.split():
        if word.startswith("--"):
            assert word in {name for parameter in command.params for name in parameter.opts}
        elif isinstance(command, click.Group) and word in command.commands:
            command = command.commands[word]
        else:
            assert command is not main, f"scim-bridge {words}"


def test_the_readme_names_commands_at_all():
    assert {" serve --bind", " status", " plan", " demo --stay"} <= set(COMMANDS)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|    )make ([a-z]+)", README))))
def test_every_make_target_in_the_readme_exists(target: str):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"SCIM_BRIDGE_[A-Z_]+", README))))
def test_every_setting_in_the_readme_is_read(name: str):
    assert name in (ROOT / "scim_bridge/config.py").read_text()


def test_every_setting_that_is_read_stands_in_the_readme():
    assert set(re.findall(r"SCIM_BRIDGE_[A-Z_]+", (ROOT / "scim_bridge/config.py").read_text())) <= set(
        re.findall(r"SCIM_BRIDGE_[A-Z_]+", README)
    )


def test_the_picture_of_the_house_shows_every_room():
    picture = README.split("## The house")[1].split("```")[1]
    rooms = {path.name for path in (ROOT / "scim_bridge").iterdir() if path.name[0] != "_" and path.suffix != ".typed"}
    assert {room.removesuffix("/") for room in re.findall(r"([a-z_]+(?:/|\.py))", picture)} - {"scim_bridge"} == rooms


def test_the_sample_of_the_demo_shows_promises_that_the_demo_makes():
    sample = README.split("make demo")[1].split("```")[1]
    story = (ROOT / "scim_bridge/demo/story.py").read_text()
    promises = re.findall(r"\[ok\] (.+)", sample)
    assert len(promises) == 3
    assert all(promise in story for promise in promises)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_link_into_the_repository_leads_somewhere(link: str):
    assert (ROOT / link).exists()
