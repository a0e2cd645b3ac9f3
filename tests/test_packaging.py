"""The wheel works when installed alone, and what stands in deploy/ agrees with the program."""

import os
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from gunicorn.config import Config

from scim_bridge.cli.main import main
from scim_bridge.provisioning import policy_file
from scim_bridge.web.gunicorn_settings import options

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SETTING = re.compile(r"\bSCIM_BRIDGE_[A-Z_]+\b")
WITHOUT_OURS = {name: value for name, value in os.environ.items() if not SETTING.match(name)}


def run(*command: str | Path, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**WITHOUT_OURS, **settings}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=100, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dist = tmp_path_factory.mktemp("dist")
    built = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", dist, cwd=ROOT)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(dist.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment that has the wheel and our dependencies, and no source tree.

    The dependencies are lent by a path entry. An editable install is not among them: it works through a
    .pth file, and those of a lent directory are not read.
    """
    environment = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        wheel,
    ]
    subprocess.run(pip, check=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return environment / "bin"


def package_files() -> set[str]:
    top = ROOT / "scim_bridge"
    files = (path for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in files}


# --- The wheel ---


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names - {"scim_bridge/web/openapi.yaml"} == package_files() - {"scim_bridge/web/openapi.yaml"}


def test_the_wheel_holds_the_migrations(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if re.fullmatch(r"scim_bridge/db/migrations/versions/\w+\.py", name)]


def test_the_wheel_holds_the_description_that_is_served(wheel):
    inside = zipfile.ZipFile(wheel).read("scim_bridge/web/openapi.yaml")
    assert inside == (ROOT / "openapi.yaml").read_bytes()


def test_the_installed_package_is_the_wheels_own(installed, tmp_path):
    found = run(installed / "python", "-c", "import scim_bridge; print(scim_bridge.__file__)", cwd=tmp_path)
    assert Path(found.stdout.strip()).is_relative_to(installed.parent)


def test_the_installed_command_explains_itself(installed, tmp_path):
    shown = run(installed / "scim-bridge", "--help", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert {"serve", "web", "worker", "token", "db", "status", "plan", "simulator", "demo"} <= set(shown.stdout.split())


def test_the_installed_command_makes_a_database(installed, tmp_path):
    made = run(
        installed / "scim-bridge",
        "db",
        "upgrade",
        cwd=tmp_path,
        SCIM_BRIDGE_DATABASE_URL=f"sqlite:///{tmp_path}/new.db",
        SCIM_BRIDGE_HEXNODE_URL="https://acme.hexnodemdm.com",
        SCIM_BRIDGE_HEXNODE_API_KEY="key",
    )
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "new.db").stat().st_size > 0


# --- What is run ---


def after_the_program(words: list[str]) -> list[str]:
    """The arguments given to scim-bridge in a command line."""
    return next((words[place + 1 :] for place, word in enumerate(words) if word.endswith("scim-bridge")), [])


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command of ours that the deploy files, the image and the Makefile run, with the file's name."""
    for unit in UNITS:
        for line in re.findall(r"^Exec\w+=(.+)$", unit.read_text("utf-8"), re.MULTILINE):
            yield unit.name, after_the_program(line.split())
    for name, service in yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"].items():
        if "command" in service:
            yield f"compose.yaml {name}", service["command"]
        yield f"compose.yaml {name} healthcheck", after_the_program(service["healthcheck"].get("test", []))
    image = re.search(r"^CMD (\[.+\])$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    yield "Dockerfile", yaml.safe_load(image[1]) if image else []
    for line in re.findall(r"^\t@?\S+/scim-bridge.*$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE):
        yield "Makefile", [word for word in after_the_program(line.split()) if "$" not in word]


COMMANDS = sorted({tuple(words) for _, words in commands() if words})


def test_the_deploy_files_run_what_they_are_for():
    assert {words[0] for words in COMMANDS} == {"serve", "web", "worker", "db", "status", "demo"}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_that_is_run_exists_with_its_options(words):
    names = [word for word in words if re.fullmatch(r"[a-z]+", word)]
    shown = CliRunner().invoke(main, [*names, "--help"], prog_name="scim-bridge")
    assert shown.exit_code == 0, shown.output
    assert [word for word in words if word.startswith("--") and word not in shown.stdout] == []


def test_the_gunicorn_file_gives_the_packages_own_settings():
    given = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
    expected = options("127.0.0.1:8080")
    assert {name: given[name] for name in expected} == expected


def test_gunicorn_takes_each_setting_as_it_is():
    config = Config()
    for name, value in options("127.0.0.1:8080").items():
        config.set(name, value)
        assert config.settings[name].get() in (value, [value])


# --- What is set ---


def environment_example() -> dict[str, str]:
    """The names in the example environment with their values, those that are commented out too."""
    text = (DEPLOY / "scim-bridge.env.example").read_text("utf-8")
    return dict(re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", text, re.MULTILINE))


def known_settings() -> set[str]:
    return set(SETTING.findall((ROOT / "scim_bridge" / "config.py").read_text("utf-8")))


def test_the_example_environment_names_every_setting_and_no_other():
    assert {name for name in environment_example() if SETTING.fullmatch(name)} == known_settings()


@pytest.mark.parametrize("path", [*UNITS, DEPLOY / "compose.yaml", DEPLOY / "Dockerfile"], ids=lambda path: path.name)
def test_a_deploy_file_names_only_settings_that_are_read(path):
    assert set(SETTING.findall(path.read_text("utf-8"))) - known_settings() == set()


def test_the_example_policy_is_a_policy():
    content = tomllib.loads((DEPLOY / "policy.example.toml").read_text("utf-8"))
    policy = policy_file.read(content, {"ACME_HEXNODE_API_KEY": "key"})
    assert list(policy.tenants) == ["acme"]


def test_every_key_that_the_example_policy_wants_is_in_the_example_environment():
    content = tomllib.loads((DEPLOY / "policy.example.toml").read_text("utf-8"))
    wanted = {portal["api_key_env"] for portal in content["portals"].values()}
    assert wanted <= environment_example().keys()


def test_every_variable_that_compose_fills_in_is_in_the_example_environment():
    filled_in = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    assert filled_in == {"POSTGRES_PASSWORD"}
    assert filled_in <= environment_example().keys()


# --- What holds it down ---


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_systemd_unit_is_locked_down(unit):
    lines = set(unit.read_text("utf-8").splitlines())
    assert lines >= {
        "DynamicUser=yes",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "PrivateTmp=yes",
    }


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not on this machine")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_understands_a_unit(unit, tmp_path):
    for each in UNITS:
        text = each.read_text("utf-8").replace("/opt/scim-bridge/bin/scim-bridge", "/bin/true")
        (tmp_path / each.name).write_text(text, "utf-8")
    verified = run("systemd-analyze", "verify", tmp_path / unit.name, cwd=tmp_path)
    assert (verified.returncode, verified.stderr) == (0, "")


def test_every_container_is_locked_down():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"].values()
    for service in services:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_image_runs_as_nobody_in_particular_and_is_asked_whether_it_lives():
    image = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", image, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK [^\n]*\\\n[^\n]*/livez", image, re.MULTILINE)
