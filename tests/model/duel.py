"""One sequence: each request goes to our server and to the model, and the judge compares; also what it left behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode

from werkzeug.test import TestResponse

from tests.model import judge
from tests.model.attributes import GROUPS, USERS, Kind
from tests.model.features import played
from tests.model.model import Model, Resource
from tests.model.refusals import Refusal
from tests.model.showing import EVERYTHING, Projection
from tests.model.world import ADDRESS, World

KINDS = {"User": USERS, "Group": GROUPS}


class Write(NamedTuple):
    """A request that writes, with symbols for ids. `demand` is If-Match: current, earlier, any or None."""

    method: str
    kind: str
    target: str | None = None
    body: Any = None
    demand: str | None = None
    projection: Projection = EVERYTHING


class Duel:
    """Our server and the model side by side; every method raises AssertionError at the first divergence."""

    def __init__(self, world: World) -> None:
        world.begin()
        self.world = world
        self.model = Model(ADDRESS)
        self.versions = judge.Versions()
        self.features = played(world.config)

    @contextmanager
    def judging(self) -> Iterator[None]:
        """A divergence found inside carries all requests of the sequence."""
        try:
            yield
        except AssertionError as error:
            error.add_note("\n".join(self.world.transcript))
            raise

    # --- Writing ---

    def write(self, write: Write, look_around: bool = True) -> None:
        """Send it, judge the answer, and then everybody."""
        kind, target = KINDS[write.kind], self.world.resolved(write.target)
        write = write._replace(target=target, body=self.world.resolved(write.body))
        address = f"{kind.endpoint}/{target}" if target else kind.endpoint
        demand = {"If_Match": self._tag(target, write.demand)} if write.demand else {}
        answer = self.world.send(write.method, address + parameters(write.projection), write.body, **demand)
        with self.judging():
            try:
                resource = self._expected(kind, write, answer)
            except Refusal as refusal:
                judge.refused(answer, refusal)
            else:
                self._written(answer, write, resource)
            if look_around:
                self._look_at_all()

    def _expected(self, kind: Kind, write: Write, answer: TestResponse) -> Resource:
        """What the model makes of it. Raises Refusal."""
        now = self.world.clock()
        if write.method == "POST":
            return self.model.create(kind, write.body, now, self._new_id(kind, answer))
        resource = self.model.find(kind, write.target or "")
        if write.demand == "earlier":
            raise Refusal(412)
        if write.method == "PUT":
            self.model.replace(resource, write.body, now)
        elif write.method == "PATCH":
            self.model.patch(resource, write.body, now)
        else:
            self.model.delete(resource, now)
        return resource

    def _new_id(self, kind: Kind, answer: TestResponse) -> str:
        """The id that the server gave; noted, so that later requests can name it."""
        made = str(judge.document_in(answer).get("id"))
        ids = self.world.ids["u" if kind is USERS else "g"]
        if answer.status_code == 201 and made not in ids:
            ids.append(made)
        return made

    def _written(self, answer: TestResponse, write: Write, resource: Resource) -> None:
        status = {"POST": 201, "DELETE": 204}.get(write.method, 200)
        silent = write.method == "PATCH" and write.kind == "Group" and not write.projection.given
        judge.succeeded(answer, 204 if silent else status)
        if answer.status_code != 204:
            self._shown(answer, resource, write.projection)

    def _look_at_all(self) -> None:
        """Nothing but what the model changed has changed, wherever."""
        for kind in KINDS.values():
            there = self.model.living(kind)
            answer = self.world.send("GET", f"{kind.endpoint}?count=200")
            judge.listed(answer, len(there), [self.model.shown(one) for one in there])
            for resource, document in zip(there, judge.document_in(answer)["Resources"], strict=True):
                self.versions.observe(document, (resource.created, resource.modified, document.get("groups")))

    # --- Reading ---

    def read(self, kind: str, target: str, projection: Projection = EVERYTHING) -> dict[str, Any]:
        """One resource by its id; gives what was answered."""
        return self._read(KINDS[kind], self.world.resolved(target), projection)

    def read_if_changed(self, kind: str, target: str, known: str) -> None:
        """GET with If-None-Match: 304 for the current version and for any, the resource for an earlier one."""
        target = self.world.resolved(target)
        self._read(KINDS[kind], target, EVERYTHING, known != "earlier", If_None_Match=self._tag(target, known))

    def _read(
        self, kind: Kind, target: str, projection: Projection, unchanged: bool = False, **headers: str
    ) -> dict[str, Any]:
        answer = self.world.send("GET", f"{kind.endpoint}/{target}{parameters(projection)}", **headers)
        with self.judging():
            try:
                resource = self.model.find(kind, target)
            except Refusal as refusal:
                judge.refused(answer, refusal)
            else:
                judge.succeeded(answer, 304 if unchanged else 200)
                assert answer.headers["ETag"] == self.versions.current(target)
                if not unchanged:
                    self._shown(answer, resource, projection)
        return judge.document_in(answer)

    def _shown(self, answer: TestResponse, resource: Resource, projection: Projection) -> None:
        document = judge.document_in(answer)
        judge.same(document, self.model.shown(resource, projection))
        address = f"{ADDRESS}{resource.kind.endpoint}/{resource.id}"
        assert answer.headers["Location"] == answer.headers["Content-Location"] == address
        if "version" in document.get("meta", {}):
            assert answer.headers["ETag"] == document["meta"]["version"]

    def _tag(self, target: str, known: str) -> str:
        return {"any": "*", "current": self.versions.current(target)}.get(known, self.versions.earlier(target))


def parameters(projection: Projection, **others: Any) -> str:
    """The query of a URL, of whatever is not None."""
    asked = {**others, "attributes": projection.attributes, "excludedAttributes": projection.excluded}
    given = {name: value for name, value in asked.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""
