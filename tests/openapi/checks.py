"""A check of our own, in the place of one that schemathesis cannot do in process."""

from typing import Any

from schemathesis import Case, CheckContext, Response


class AsksForAToken:
    """What `ignored_auth` looks for: an operation that serves a client without a token, or with a wrong one.

    schemathesis 4.32 sends that check's requests with settings of a socket, which an application in process has not.
    """

    def __init__(self) -> None:
        self._asked: set[str] = set()

    def after_response(self, ctx: CheckContext, response: Response, case: Case[Any]) -> None:
        """Ask once for each operation, when it has served somebody with a token."""
        operation = case.operation
        is_public = operation.definition.raw.get("security") == []
        if is_public or response.status_code >= 300 or operation.label in self._asked:
            return
        self._asked.add(operation.label)
        for headers in ({}, {"Authorization": "Bearer nobody's"}):
            answer = operation.app.test_client().open(response.request.path_url, method=case.method, headers=headers)
            assert answer.status_code == 401, f"{case.method} {case.path} with {headers}: {answer.status_code}"
