"""Our server for a sequence: the real application on a real database, a tenant of its own, and a clock of the test."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine
from werkzeug.test import TestResponse

from scim_bridge.db.engine import writing
from scim_bridge.db.metadata import metadata
from scim_bridge.directory import tokens
from scim_bridge.provisioning.policy import Policy
from tests.app import PUBLIC_URL, ScimClient, one_tenant
from tests.clock import SteppedClock

ADDRESS = f"{PUBLIC_URL}/scim/v2"
TENANTS = 40
_SYMBOL = re.compile(r"<(u|g)(\d+)>")


class World:
    """Sequences share a database: whom the former ones left is another tenant's, until the database is emptied."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.clock = SteppedClock()
        self._start = self.clock()
        self._client = ScimClient(engine, _policy(), self.clock, _tenant(0))
        self.config = dict(self._client.send("GET", "/ServiceProviderConfig").json or {})
        self._begun = 0
        self.ids: dict[str, list[str]] = {"u": [], "g": []}
        self._stranger = "nobody"
        self.transcript: list[str] = []
        self.statuses: Counter[tuple[str, int]] = Counter()

    def begin(self) -> None:
        """A tenant in which nobody is yet, at the same moment as ever."""
        if self._begun % TENANTS == 0:
            _empty(self._engine)
        self.clock.advance(seconds=(self._start - self.clock()).total_seconds())
        with writing(self._engine) as connection:
            made = tokens.create(connection, _tenant(self._begun), "test", self.clock(), timedelta(days=365))
        self._client.token = made
        self._begun += 1
        self._stranger = next(iter(self.ids["u"]), self._stranger)
        self.ids, self.transcript = {"u": [], "g": []}, []

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One request, a second after the former one."""
        self.clock.advance(seconds=1)
        text = None if body is None else json.dumps(body, ensure_ascii=False)  # Flask's own would sort the names
        answer = self._client.send(method, path, text and text.encode(), **headers)
        self.statuses[method, answer.status_code] += 1
        self.transcript.append(f"{method} {path} {headers or ''} {text or ''}\n    {answer.status_code} {answer.text}")
        return answer

    def resolved(self, value: Any) -> Any:
        """The same JSON with real ids for `<u0>`, the first user that was made, and the like."""
        text = json.dumps(value).replace("<stranger>", self._stranger).replace("<nobody>", "nobody")
        return json.loads(_SYMBOL.sub(lambda found: self._id(found[1], int(found[2])), text))

    def _id(self, letter: str, number: int) -> str:
        known = self.ids[letter]
        return known[number % len(known)] if known else f"no-{letter}-yet"


def _tenant(number: int) -> str:
    return f"t{number % TENANTS}"


def _policy() -> Policy:
    policy = one_tenant()
    (only,) = policy.tenants.values()
    return replace(policy, tenants={_tenant(number): replace(only, name=_tenant(number)) for number in range(TENANTS)})


def _empty(engine: Engine) -> None:
    with writing(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
