"""The line of everything in a policy file, against TOML that is made here line by line."""

import json
import tomllib
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim_bridge.provisioning.policy_places import Place, dotted, line_at, lines_of

DOCUMENT = '''\
# a comment = "no key"
top = 1 # [not.a.header]

[tenants . acme]
"odd = key" = """
[no.header]
no = 1"""
'single' = \'\'\'
]]\'\'\'
date = 1979-05-27 07:32:00

[[tenants.acme.rules]]
name = "first"
[[ tenants.acme.rules ]]  # the second
name.first = 'x#'
[tenants.acme.rules.below]
deep = true
[tenants.acme.groups."UG Sales"]
hexnode_group = "it's"
names = [ # one
  "a", "b]",

  ["c"],
  { x = 1, "y z" = [2] },
]
[other.implied.table]
[other]
number = 1.5
'''

LINES = {
    ("top",): 2,
    ("tenants",): 4,
    ("tenants", "acme"): 4,
    ("tenants", "acme", "odd = key"): 5,
    ("tenants", "acme", "single"): 8,
    ("tenants", "acme", "date"): 10,
    ("tenants", "acme", "rules"): 12,
    ("tenants", "acme", "rules", 1): 12,
    ("tenants", "acme", "rules", 1, "name"): 13,
    ("tenants", "acme", "rules", 2): 14,
    ("tenants", "acme", "rules", 2, "name"): 15,
    ("tenants", "acme", "rules", 2, "name", "first"): 15,
    ("tenants", "acme", "rules", 2, "below"): 16,
    ("tenants", "acme", "rules", 2, "below", "deep"): 17,
    ("tenants", "acme", "groups"): 18,
    ("tenants", "acme", "groups", "UG Sales"): 18,
    ("tenants", "acme", "groups", "UG Sales", "hexnode_group"): 19,
    ("tenants", "acme", "groups", "UG Sales", "names"): 20,
    ("tenants", "acme", "groups", "UG Sales", "names", 1): 21,
    ("tenants", "acme", "groups", "UG Sales", "names", 2): 21,
    ("tenants", "acme", "groups", "UG Sales", "names", 3): 23,
    ("tenants", "acme", "groups", "UG Sales", "names", 3, 1): 23,
    ("tenants", "acme", "groups", "UG Sales", "names", 4): 24,
    ("tenants", "acme", "groups", "UG Sales", "names", 4, "x"): 24,
    ("tenants", "acme", "groups", "UG Sales", "names", 4, "y z"): 24,
    ("tenants", "acme", "groups", "UG Sales", "names", 4, "y z", 1): 24,
    ("other", "implied"): 26,
    ("other", "implied", "table"): 26,
    ("other",): 27,
    ("other", "number"): 28,
}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_everything_in_a_document_has_its_line(line_end: str) -> None:
    tomllib.loads(DOCUMENT)
    assert lines_of(DOCUMENT.replace("\n", line_end)) == LINES


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("tenants", "acme", "rules", 2, "when"), 14),
        (("tenants", "acme", "groups", "UG Sales", "exclusive"), 18),
        (("tenants", "acme", "groups", "UG Sales", "names", 9), 20),
        (("tenants", "acme", "portal"), 4),
        (("portals",), 1),
        ((), 1),
    ],
)
def test_what_is_missing_is_looked_for_at_the_nearest_thing_around_it(place: Place, line: int) -> None:
    assert line_at(LINES, place) == line


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (("tenants", "acme", "rules", 2, "when"), "tenants.acme.rules[2].when"),
        (("groups", "UG Sales", "x"), 'groups."UG Sales".x'),
        (("a.b", "", "ü", 'say "x"'), '"a.b".""."ü"."say \\"x\\""'),
        (("\x1b[31m", "\x9b"), r'"\u001b[31m"."\u009b"'),
    ],
)
def test_a_place_is_named_as_toml_writes_it_and_moves_no_cursor(place: Place, name: str) -> None:
    assert dotted(place) == name


def test_a_value_of_any_depth_is_walked() -> None:
    assert lines_of("a = " + "[" * 500 + "\n" + "]" * 500 + "\nb = 1")[("b",)] == 3


# --- Any TOML: what is written here, line by line, is found where it was written ---


@dataclass
class Written:
    """A document in the making, and where everything in it was put."""

    text: str = ""
    lines: dict[Place, int] = field(default_factory=dict)

    def put(self, text: str) -> None:
        self.text += text

    def here(self, place: Place) -> None:
        self.lines.setdefault(place, self.text.count("\n") + 1)


KEYS = st.sampled_from(["a", "b-1", "_", "1", "true", 'x"y', "a.b", "[c]", "#", "", "é ü", "= 1"])
BREAK = st.sampled_from(["", " ", "\n", " # ]}=\"'\n\n"])
WORDS = ["1", "-1.5e-3", "true", "inf", "0xff", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.5"]
TEXTS = ['""', "''", '"\\""', '"a\\"b\\\\"', "'a\\'", '"]#,="', "'}'", '""""""']
LONG_TEXTS = ['"""a\n"b""\n\\""""""', "'''\n'x''''", '"""\\\n  [a]\n"""']
PLAIN = st.sampled_from([*WORDS, *TEXTS, *LONG_TEXTS])
INLINE = st.recursive(
    PLAIN,
    lambda part: (
        st.lists(st.tuples(BREAK, part), max_size=3)
        | st.dictionaries(KEYS, part, max_size=3).map(lambda table: ("table", table))
    ),
    max_leaves=6,
)
TABLES = st.lists(
    st.tuples(st.booleans(), st.lists(KEYS, min_size=1, max_size=3), st.dictionaries(KEYS, INLINE, max_size=3)),
    max_size=5,
)


def quoted_key(key: str, literal: bool = False) -> str:
    if key and key.isascii() and key.replace("-", "").replace("_", "").isalnum():
        return key
    return f"'{key}'" if literal else json.dumps(key)


def write_value(out: Written, place: Place, value: Any) -> None:
    out.here(place)
    if isinstance(value, str):
        out.put(value)
    elif isinstance(value, tuple):
        write_inline_table(out, place, value[1])
    else:
        write_array(out, place, value)


def write_inline_table(out: Written, place: Place, table: dict[str, Any]) -> None:
    out.put("{ ")
    for number, (key, value) in enumerate(table.items()):
        out.put(", " if number else "")
        out.here((*place, key))
        out.put(f"{quoted_key(key)} = ")
        write_value(out, (*place, key), value)
    out.put(" }")


def write_array(out: Written, place: Place, elements: list[tuple[str, Any]]) -> None:
    out.put("[")
    for number, (gap, value) in enumerate(elements, 1):
        out.put(gap)
        write_value(out, (*place, number), value)
        out.put(",")
    out.put("]")


def written(tables: list[tuple[bool, list[str], dict[str, Any]]], gaps: list[str]) -> Written:
    """The tables that TOML allows beside each other, with comments and empty lines in between."""
    out, counts = Written(), dict[Place, int]()
    for is_array, keys, content in tables:
        before = Written(out.text, dict(out.lines))
        place, after = write_header(out, is_array, keys, counts)
        for key, value in content.items():
            out.put(gaps[len(out.text) % len(gaps)])
            out.here((*place, key))
            out.put(f"{quoted_key(key, literal=True)}=")
            write_value(out, (*place, key), value)
            out.put(" # end\n")
        if is_valid(out.text):
            counts = after
        else:
            out = before
    return out


def write_header(out: Written, is_array: bool, keys: list[str], counts: dict[Place, int]) -> tuple[Place, Any]:
    place: Place = ()
    counts = dict(counts)
    for number, key in enumerate(keys, 1):
        place = (*place, key)
        if is_array and number == len(keys):
            counts[place] = counts.get(place, 0) + 1
        out.here(place)
        place = (*place, counts[place]) if place in counts else place
    out.lines[place] = out.text.count("\n") + 1
    names = " . ".join(map(quoted_key, keys))
    out.put(f"[[ {names} ]]\n" if is_array else f"[{names}] # [x]\n")
    return place, counts


def is_valid(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


@settings(max_examples=300, deadline=None)
@given(TABLES, st.lists(st.sampled_from(["", "\n", "# [a]\n", " \t"]), min_size=1, max_size=4))
def test_in_any_toml_everything_is_found_where_it_was_written(tables: Any, gaps: list[str]) -> None:
    document = written(tables, gaps)
    assert lines_of(document.text) == document.lines


def every_place(value: Any, place: Place = ()) -> set[Place]:
    below = enumerate(value, 1) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    return {place} | {deeper for key, part in below for deeper in every_place(part, (*place, key))}


@settings(max_examples=300, deadline=None)
@given(TABLES)
def test_every_value_that_tomllib_reads_has_a_line_and_nothing_else_has(tables: Any) -> None:
    text = written(tables, [""]).text
    assert {(), *lines_of(text)} == every_place(tomllib.loads(text))
