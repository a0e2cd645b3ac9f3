"""The house rules of scim_bridge, read from the sources' imports and shapes without running any of them.

A rule takes a module and gives the breaches in it. Each is held over the whole package, and shown to find a
made-up breach.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "scim_bridge"

# From the roof down. A room imports rooms of lower floors only; rooms of one floor do not know each other.
FLOORS = [
    {"wsgi", "cli", "demo", "__main__"},
    {"bootstrap"},
    {"web", "delivery"},
    {"provisioning"},
    {"offboarding"},
    {"directory", "hexnode"},
    {"scim", "db", "config"},
    {"clock"},
]
APART = {"scim", "simulator"}  # import nothing of ours
NEIGHBOURS = {("cli", "demo"), ("cli", "simulator"), ("__main__", "cli")}  # the only steps aside
# No Hexnode call in a request; the demo judges from outside; the Hexnode client knows no database.
STRANGERS = {("web", "hexnode"), ("demo", "hexnode"), ("hexnode", "db")}

# Where each outside package lives. Rooms, or a single module by its full name.
HOMES = {
    "flask": {"web", "simulator"},
    "werkzeug": {"web", "simulator"},
    "requests": {"hexnode", "delivery.notice_post", "demo"},
    "urllib3": {"hexnode"},
    "scim2_filter_parser": {"scim.filter_parser"},
    "marshmallow": {"scim", "web"},
    "standardwebhooks": {"web", "delivery.notice_post"},
    "sqlalchemy": set().union(*FLOORS) - {"scim", "hexnode", "config", "clock"},
    "alembic": {"db"},
    "click": {"cli"},
}
PRINTERS = {"cli", "demo"}
VAGUE = {"util", "utils", "helper", "helpers", "manager", "managers", "service", "services", "base"}
MUTABLE_CALLS = {"list", "dict", "set", "bytearray", "defaultdict", "deque", "OrderedDict", "Counter"}
MUTABLE_NODES = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MOST_LINES = 300


class Module(NamedTuple):
    name: str  # below the package: "web.users", "web.__init__"
    source: str

    @property
    def room(self) -> str:
        return self.name.split(".")[0]

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, f"{PACKAGE}.{self.name}")

    def lives_in(self, homes: set[str]) -> bool:
        return any(self.name == home or self.name.startswith(home + ".") for home in homes)


Rule = Callable[[Module], Iterator[str]]


def modules() -> list[Module]:
    top = ROOT / PACKAGE
    files = {path.relative_to(top).with_suffix("").parts: path for path in sorted(top.rglob("*.py"))}
    return [Module(".".join(parts), path.read_text("utf-8")) for parts, path in files.items()]


def imported(module: Module) -> Iterator[str]:
    """Every name that a module imports, in full, wherever in it: "scim_bridge.db.engine", "os.environ"."""
    package = [PACKAGE, *module.name.split(".")[:-1]]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def rooms_imported(module: Module) -> Iterator[str]:
    for name in imported(module):
        if name.split(".")[0] == PACKAGE:
            room = name.split(".")[1] if "." in name else ""
            if room != module.room:
                yield room


def outside_imported(module: Module) -> set[str]:
    return {name.split(".")[0] for name in imported(module)}


def floor(room: str) -> int:
    return next((height for height, rooms in enumerate(reversed(FLOORS)) if room in rooms), -1)


def run_at_import(tree: ast.Module) -> list[ast.AST]:
    """The nodes that stand in no function and no class; those inside if, try, with and for do count."""
    closed = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    inside = {inner for node in ast.walk(tree) if isinstance(node, closed) for inner in ast.walk(node)}
    return [node for node in ast.walk(tree) if node not in inside]


# --- The rules ---


def rooms_have_a_floor(module: Module) -> Iterator[str]:
    if module.name != "__init__" and floor(module.room) < 0 and module.room not in APART:
        yield f"{module.room} stands on no floor"


def imports_go_down(module: Module) -> Iterator[str]:
    if module.room in APART:
        return
    for room in rooms_imported(module):
        if (module.room, room) not in NEIGHBOURS and not 0 <= floor(room) < floor(module.room):
            yield f"imports {room or PACKAGE}"


def rooms_apart_import_nothing_of_ours(module: Module) -> Iterator[str]:
    if module.room in APART:
        yield from (f"imports {room or PACKAGE}" for room in rooms_imported(module))


def strangers_do_not_meet(module: Module) -> Iterator[str]:
    yield from (f"imports {room}" for room in rooms_imported(module) if (module.room, room) in STRANGERS)


def outside_packages_stay_home(module: Module) -> Iterator[str]:
    for package in outside_imported(module) & HOMES.keys():
        if not module.lives_in(HOMES[package]):
            yield f"imports {package}, whose home is {' and '.join(sorted(HOMES[package]))}"


def only_config_reads_the_environment(module: Module) -> Iterator[str]:
    words = {"environ", "environb", "getenv", "getenvb", "putenv"}
    read = {name for name in imported(module) if name.startswith("os.") and name[3:] in words}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in words and ast.unparse(node.value) == "os":
            read.add(ast.unparse(node))
    if module.room != "config":
        yield from (f"uses {name}" for name in sorted(read))


def only_the_command_line_and_the_demo_print(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print" and module.room not in PRINTERS:
            yield f"prints, in line {node.lineno}"


def a_package_file_holds_only_its_docstring(module: Module) -> Iterator[str]:
    if module.name.endswith("__init__") and len(module.tree.body) > 1:
        yield "holds more than a docstring"


def modules_say_what_they_are_for(module: Module) -> Iterator[str]:
    if not ast.get_docstring(module.tree):
        yield "has no docstring"


def files_stay_short(module: Module) -> Iterator[str]:
    lines = module.source.count("\n")
    if lines > MOST_LINES and not module.name.startswith("db.migrations."):
        yield f"has {lines} lines"


def names_say_something(module: Module) -> Iterator[str]:
    yield from (f"has the vague name {part}" for part in module.name.split(".") if part in VAGUE)


def modules_hold_no_state(module: Module) -> Iterator[str]:
    for statement in run_at_import(module.tree):
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            continue
        value = statement.value
        called = isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1] in MUTABLE_CALLS
        if called or isinstance(value, MUTABLE_NODES):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            names = [ast.unparse(target) for target in targets]
            yield from (
                f"keeps {name} at module level" for name in names if not re.fullmatch(r"[A-Z0-9_]+|__\w+__", name)
            )
    yield from ("says global" for node in ast.walk(module.tree) if isinstance(node, ast.Global))


# --- Each rule finds a breach, and lets nearly the same thing pass elsewhere or otherwise ---

PROOFS: dict[Rule, list[tuple[str, str, str, str]]] = {
    rooms_have_a_floor: [("cellar.box", "", "db.engine", "")],
    imports_go_down: [
        ("db.engine", "from scim_bridge.web import app", "web.app", "import scim_bridge.db.engine"),
        ("web.app", "from ..delivery import driver", "bootstrap", "from .delivery import driver"),
        ("demo.story", "import scim_bridge.simulator", "cli.main", "import scim_bridge.simulator"),
        ("db.engine", "def f():\n    from scim_bridge import config", "db.engine", "from . import types"),
    ],
    rooms_apart_import_nothing_of_ours: [
        ("scim.path", "from scim_bridge import db", "scim.path", "from .schema import User"),
        ("simulator.portal", "from ..scim import path", "simulator.portal", "import json"),
    ],
    strangers_do_not_meet: [("web.users", "from ..hexnode import x", "web.users", "from ..db import x")],
    outside_packages_stay_home: [
        ("db.engine", "import requests", "hexnode.transport", "import requests"),
        ("hexnode.client", "from sqlalchemy import select", "delivery.journal", "import sqlalchemy"),
        ("scim.path", "import scim2_filter_parser", "scim.filter_parser", "import scim2_filter_parser"),
    ],
    only_config_reads_the_environment: [
        ("cli.main", "import os\nos.environ['A']", "config", "import os\nos.environ['A']"),
        ("db.engine", "from os import getenv", "db.engine", "from os import getpid"),
    ],
    only_the_command_line_and_the_demo_print: [("web.app", "print(1)", "cli.main", "print(1)")],
    a_package_file_holds_only_its_docstring: [("db.__init__", "'Db.'\nimport re", "db.__init__", "'Db.'")],
    modules_say_what_they_are_for: [("web.app", "x = 1", "web.app", "'The app.'")],
    files_stay_short: [("web.app", "\n" * 301, "web.app", "\n" * 300)],
    names_say_something: [("web.utils", "", "db.database", "")],
    modules_hold_no_state: [
        ("web.app", "if True:\n    seen: dict = {}", "web.app", "SEEN = {}\ndef f():\n    seen = {}"),
        ("web.app", "seen = collections.deque()", "web.app", "seen = tuple()"),
        ("web.app", "def f():\n    global seen", "web.app", "def f():\n    return 1"),
    ],
}


@pytest.mark.parametrize(("rule", "proof"), [(rule, proof) for rule, proofs in PROOFS.items() for proof in proofs])
def test_a_rule_finds_a_breach_and_lets_its_neighbour_pass(rule, proof):
    name, broken, neighbour, kept = proof
    assert list(rule(Module(name, broken)))
    assert list(rule(Module(neighbour, kept))) == []


# --- Each rule holds in the whole package ---


def breaches(rule: Rule) -> list[str]:
    return [f"{PACKAGE}.{module.name}: {breach}" for module in modules() for breach in rule(module)]


def test_every_room_stands_on_a_floor():
    assert breaches(rooms_have_a_floor) == []


def test_imports_go_down_the_floors():
    assert breaches(imports_go_down) == []


def test_scim_and_the_simulator_import_nothing_of_ours():
    assert breaches(rooms_apart_import_nothing_of_ours) == []


def test_neither_the_web_nor_the_demo_knows_the_hexnode_client():
    assert breaches(strangers_do_not_meet) == []


def test_each_outside_package_has_one_home():
    assert breaches(outside_packages_stay_home) == []


def test_only_config_reads_the_environment():
    assert breaches(only_config_reads_the_environment) == []


def test_only_the_command_line_and_the_demo_print():
    assert breaches(only_the_command_line_and_the_demo_print) == []


def test_package_files_hold_only_a_docstring():
    assert breaches(a_package_file_holds_only_its_docstring) == []


def test_every_module_says_what_it_is_for():
    assert breaches(modules_say_what_they_are_for) == []


def test_no_file_is_longer_than_300_lines():
    assert breaches(files_stay_short) == []


def test_no_module_has_a_name_that_says_nothing():
    assert breaches(names_say_something) == []


def test_no_module_holds_state():
    assert breaches(modules_hold_no_state) == []


def test_the_package_is_really_read():
    assert {"__init__", "web.__init__", "web.gunicorn_settings"} <= {module.name for module in modules()}
