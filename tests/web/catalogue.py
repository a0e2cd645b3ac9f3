"""Requests of the catalogue of bad inputs that are simply refused, each with its row and the answer expected."""

import gzip
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.app import ENTERPRISE_URN, GROUP_URN, PATCH_URN, USER_URN

U, G = "/Users/{lena}", "/Groups/{docks}"


class Bad(NamedTuple):
    """A request and its refusal."""

    row: str
    method: str
    path: str
    body: Any
    status: int
    scim_type: str | None = None
    headers: Mapping[str, str] = MappingProxyType({})


def user(**attributes):
    return {"schemas": [USER_URN], "userName": "new@acme.test", **attributes}


def group(**attributes):
    return {"schemas": [GROUP_URN], "displayName": "New", **attributes}


def patch(*operations):
    return {"schemas": [PATCH_URN], "Operations": list(operations)}


def op(kind, *path_and_value):
    """add, replace or remove; with a path, or with `None` for none; with a value or without."""
    return {"op": kind} | {k: v for k, v in zip(("path", "value"), path_and_value, strict=False) if k != "path" or v}


def nested(depth):
    """A user whose JSON is `depth` deep."""
    return user(x=json.loads("[" * (depth - 1) + "]" * (depth - 1)))


def created(row, what, status, scim_type):
    return Bad(row, "POST", "/Users", what, status, scim_type)


def changed(row, status, scim_type, *operations):
    return Bad(row, "PATCH", U, patch(*operations), status, scim_type)


def listed(row, filter_text, scim_type="invalidFilter"):
    return Bad(row, "GET", f"/Users?filter={filter_text}", None, 400, scim_type)


# Only true and false decide about a person.
UNDECIDED = ["no", "0", 0, 1, "", [], {}, [False], {"value": False}]
ZOE = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"zoë@acme.test"}'
REFUSALS = [
    # A: HTTP and transport; what only a real server can be sent stands in test_server (A11, A27)
    Bad("A05", "GET", "/x/../Users", None, 404),
    Bad("A07", "GET", "/Users/%ff", None, 404),
    Bad("A07 NUL", "GET", "/Users/%00", None, 404),
    Bad("A15", "POST", "/Users", b" " * 2_097_152, 413),
    *(
        Bad(f"A19 {name}", "POST", "/Users", gzip.compress(b" " * 10_000_000), 415, None, {"Content-Encoding": name})
        for name in ("gzip", "x-gzip", "deflate", "gzip, gzip", "br", "zstd")
    ),
    *(
        created(f"A21 {name}", ZOE.encode(name), 400, "invalidSyntax")
        for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "latin-1")
    ),
    # C: tenant walls
    *(
        Bad(f"C03 {path}", "GET", path, None, 404)
        for path in ("/umbrella/Users", "/tenants/umbrella/Users", "/../umbrella/Users")
    ),
    # D: JSON bodies
    created("D01", b'{"userName":', 400, "invalidSyntax"),
    *(created(f"D03 {raw.decode()}", raw, 400, "invalidSyntax") for raw in (b"[]", b'"x"', b"1", b"null", b"true")),
    created("D05 33 deep", nested(33), 400, "invalidSyntax"),
    created("D05 100000 deep", b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "invalidSyntax"),
    created("D07", json.dumps(user(active=True)).encode()[:-1] + b',"Active":false}', 400, "invalidSyntax"),
    created("D07 nested", user(name={"givenName": "a", "GIVENNAME": "b"}), 400, "invalidSyntax"),
    created("D07 the same letters", b'{"schemas": [], "schemas": []}', 400, "invalidSyntax"),
    *(
        created(f"D09 {number}", json.dumps(user()).encode()[:-1] + f',"x":{number}}}'.encode(), 400, kind)
        for number, kind in (
            ("1e400", "invalidValue"),
            ("-1e400", "invalidValue"),
            ("NaN", "invalidSyntax"),
            ("Infinity", "invalidSyntax"),
        )
    ),
    created("D11", user(x=2**63), 400, "invalidValue"),
    created("D11 negative", user(x=-(2**63) - 1), 400, "invalidValue"),
    created(
        "D11 a million digits",
        json.dumps(user()).encode()[:-1] + b',"x":' + b"9" * 1_000_000 + b"}",
        400,
        "invalidValue",
    ),
    created("D13 userName", user(userName="a\0b"), 400, "invalidValue"),
    created("D13 displayName", user(displayName="a\0b"), 400, "invalidValue"),
    created("D13 half a surrogate pair", b'{"userName": "\\ud800"}', 400, "invalidSyntax"),
    created("D15 right to left", user(userName="an\u202ea"), 400, "invalidValue"),
    created("D15 zero width", user(userName="an\u200ba"), 400, "invalidValue"),
    created("D17 {}{}", b"{}{}", 400, "invalidSyntax"),
    created("D17 {} x", b"{} x", 400, "invalidSyntax"),
    created("D21 missing", {"userName": "new@acme.test"}, 400, "invalidSyntax"),
    created("D21 empty", user(schemas=[]), 400, "invalidValue"),
    created("D21 a string", user(schemas=USER_URN), 400, "invalidSyntax"),
    created("D21 another", user(schemas=[GROUP_URN]), 400, "invalidSyntax"),
    # E: users
    created("E01", {"schemas": [USER_URN]}, 400, "invalidValue"),
    *(
        created(f"E03 {name!r}", user(userName=name), 400, "invalidValue")
        for name in (1, ["a"], {"a": 1}, True, None, "", " ")
    ),
    created("E05", user(userName="LENA.B@acme.test"), 409, "uniqueness"),
    created("E09", user(externalId="00uLena"), 409, "uniqueness"),
    Bad("E09 PUT", "PUT", "/Users/{jon}", user(externalId="00uLena"), 409, "uniqueness"),
    created("E13", user(active=None), 400, "invalidValue"),
    Bad("E13 PUT", "PUT", U, user(userName="lena.b@acme.test", active=None), 400, "invalidValue"),
    changed("E13 PATCH", 400, "invalidValue", op("replace", "active", None)),
    changed("E13 PATCH without path", 400, "invalidValue", op("replace", None, {"active": None})),
    *(created(f"E15 {value!r}", user(active=value), 400, "invalidValue") for value in UNDECIDED),
    *(Bad(f"E15 PUT {value!r}", "PUT", U, user(active=value), 400, "invalidValue") for value in UNDECIDED),
    *(
        changed(f"E15 PATCH {value!r}", 400, "invalidValue", op("replace", "active", value))
        for value in ("no", "0", 0, 1, "", [], {})
    ),
    *(
        created(f"E19 {text[:9]!r}", user(emails=[{"value": text}]), 400, "invalidValue")
        for text in ("a@", "@b", "a", "a@b@c", "a" * 390 + "@acme.test", "a@b\r\nBcc: c@d", "a b@c")
    ),
    changed("E19 PATCH", 400, "invalidValue", op("replace", 'emails[type eq "work"].value', "a@b@c")),
    Bad("E23", "DELETE", "/Users/unknown", None, 404),
    created("E31 a number", user(**{ENTERPRISE_URN: {"manager": 7}}), 400, "invalidValue"),
    *(
        created(f"E33 {value!r}", user(phoneNumbers=[value]), 400, "invalidValue")
        for value in (123, {"type": "work"}, {"value": 123}, ["a"])
    ),
    changed("E33 PATCH", 400, "invalidValue", op("add", "phoneNumbers", [{"type": "work"}])),
    # F: PATCH
    changed("F01", 400, "invalidSyntax", {"path": "title", "value": "x"}),
    *(
        changed(f"F01 {kind!r}", 400, "invalidSyntax", {"op": kind, "path": "title", "value": "x"})
        for kind in ("move", "", None, 1, [])
    ),
    *(
        Bad(
            f"F01 Operations {value!r}", "PATCH", U, {"schemas": [PATCH_URN], "Operations": value}, 400, "invalidSyntax"
        )
        for value in (None, {}, "x", [1])
    ),
    Bad("F01 no Operations", "PATCH", U, {"schemas": [PATCH_URN]}, 400, "invalidSyntax"),
    Bad("F05", "PATCH", U, {"schemas": [USER_URN], "Operations": [op("replace", "title", "x")]}, 400, "invalidSyntax"),
    Bad("F05 missing", "PATCH", U, {"Operations": [op("replace", "title", "x")]}, 400, "invalidSyntax"),
    changed("F07", 400, "invalidPath", op("replace", "noSuchThing", "x")),
    changed("F07 sub-attribute", 400, "invalidPath", op("replace", "name.noSuchThing", "x")),
    Bad("F07 group", "PATCH", G, patch(op("replace", "noSuchThing", "x")), 400, "invalidPath"),
    changed("F09", 400, "invalidPath", op("replace", 'emails[type eq "work"', "x")),
    changed("F09 quote", 400, "invalidPath", op("replace", 'emails[type eq "work]', "x")),
    changed("F09 empty", 400, "invalidPath", op("replace", "emails[]", "x")),
    changed("F13 unknown sub", 400, "invalidPath", op("replace", None, {"title": "x", "name.noSuchThing": "y"})),
    changed("F13 injection", 400, "invalidPath", op("replace", None, {"__class__.__init__": "y"})),
    changed(
        "F15",
        400,
        "invalidPath",
        *[op("add", "title", str(n)) for n in range(6)],
        op("add", "nothing", "x"),
        *[op("replace", None, {"active": False})] * 3,
    ),
    changed("F19", 400, "invalidValue", op("replace", None, {"active": {"value": False}})),
    changed("F21", 400, "mutability", op("remove", "userName")),
    changed("F21 emptied", 400, "invalidValue", op("replace", "userName", "")),
    Bad("F21 group", "PATCH", G, patch(op("remove", "displayName")), 400, "mutability"),
    changed("F21 readOnly", 400, "mutability", op("replace", "id", "x")),
    changed("F23", 400, "invalidValue", op("add", "title", None)),
    changed("F23 no value", 400, "invalidValue", op("add", "title")),
    changed("F23 remove without path", 400, "noTarget", op("remove", None)),
    # G: groups
    Bad("G01", "POST", "/Groups", group(displayName="DOCKS"), 409, "uniqueness"),
    Bad("G01 PUT", "PUT", "/Groups/{crew}", group(displayName="Docks"), 409, "uniqueness"),
    Bad("G03", "PATCH", G, patch(op("add", "members", [{"value": "{docks}"}])), 400, "invalidValue"),
    Bad("G03 PUT", "PUT", G, group(displayName="Docks", members=[{"value": "{docks}"}]), 400, "invalidValue"),
    Bad("G05", "PATCH", G, patch(op("add", "members", [{"value": f"{n:036}"} for n in range(50_000)])), 413),
    Bad("G05 short ids", "PATCH", G, patch(op("add", "members", [str(n) for n in range(50_000)])), 413),
    Bad("G05 10001", "PATCH", G, patch(op("replace", "members", [str(n) for n in range(10_001)])), 413),
    Bad("G05 POST", "POST", "/Groups", group(members=[{"value": str(n)} for n in range(10_001)]), 413),
    *(
        Bad(f"G13 {name[:9]!r} {len(name)}", "POST", "/Groups", group(displayName=name), 400, "invalidValue")
        for name in ("", " ", "x" * 257, "x" * 5000)
    ),
    *(
        Bad(f"G members {value!r}", "PATCH", G, patch(op("add", "members", [value])), 400, "invalidValue")
        for value in (1, {}, {"value": None}, {"value": ["x"]}, "", "x" * 257)
    ),
    # H: filters and pages
    *(listed(f"H01 {text!r}", text) for text in ("", "%20")),
    listed("H03", 'bogus eq "1"'),
    listed("H03 and", 'userName eq "lena.b@acme.test" and bogus eq "1"'),
    listed("H03 password", 'password eq "1"'),
    listed("H05", 'userName regex ".*"'),
    listed("H11", " or ".join(['userName eq "a"'] * 5000)),
    listed("H11 and", " and ".join(['userName eq "a"'] * 51)),
    *(
        listed(f"H15 {moment}", f'meta.lastModified gt "{moment}"')
        for moment in ("yesterday", "2025-02-30T00:00:00Z", "10000-01-01T00:00:00Z")
    ),
    *(
        listed(f"H unbalanced {text}", text)
        for text in (
            '(userName eq "a"',
            'userName eq "a")',
            'emails[type eq "work"',
            'userName eq "a',
            "userName eq",
            "and",
            'userName eq "a" and',
        )
    ),
    listed("H21", 'userName eq "a"&startIndex=one', "invalidValue"),
    listed("H21 count", 'userName eq "a"&count=1.5', "invalidValue"),
    listed("H25", 'userName eq "a"&attributes=id&excludedAttributes=meta', "invalidValue"),
    # I: discovery and other endpoints
    *(
        Bad(f"I02 {verb}", verb, f"/{name}", {}, 405)
        for verb in ("POST", "PUT", "PATCH", "DELETE")
        for name in ("ServiceProviderConfig", "ResourceTypes", "Schemas")
    ),
    Bad("I04", "GET", "/Me", None, 501),
    Bad("I12", "GET", "/Devices", None, 404),
]
# Each with the seconds of work that it may cost.
COSTLY = [
    (0.2, created("D19 elements", b'{"a":[' + b"0," * 400_000 + b"0]}", 400, "invalidSyntax")),
    (0.2, created("D19", ("{" + ",".join(f'"{n:x}":1' for n in range(100_000)) + "}").encode(), 400, "invalidSyntax")),
    (0.05, changed("F11 20 KiB", 400, "invalidPath", op("replace", "a" * 20_480, "x"))),
    (
        0.05,
        changed(
            "F11 brackets",
            400,
            "invalidPath",
            op("replace", "emails[" + "(" * 2000 + 'type eq "a"' + ")" * 2000 + "]", "x"),
        ),
    ),
    (0.05, listed("H09", "(" * 2000 + 'userName eq "a"' + ")" * 2000)),
]
