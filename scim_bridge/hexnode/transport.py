"""The one door to Hexnode: sends one request and gives the body of its answer, or raises the error it means.

No retries, no redirects, no cookies, no proxies or .netrc from the environment. What to send is the client's.
"""

import re
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from threading import Lock
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from scim_bridge.hexnode.errors import HexnodeError, Unreachable
from scim_bridge.hexnode.types import PortalAddress
from scim_bridge.hexnode.verdict import Answer, fault_of, fault_of_final, lost
from scim_bridge.hexnode.wire import Watch, watched_pools

# Seconds (safety.md, in doubt, 7): a healthy call ends well inside a lease of 120 s.
CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 20.0
TOTAL_DEADLINE = 30.0
MAX_ANSWER = 32 * 1024 * 1024  # bytes: a group of 100,000 members comes as one answer of about 15 MB
_CHUNK = 64 * 1024
_READS = ("GET", "HEAD", "OPTIONS")


class Transport:
    """One portal, one connection kept alive, one call at a time. Times in seconds, sizes in bytes."""

    def __init__(
        self,
        address: PortalAddress,
        total_deadline: float = TOTAL_DEADLINE,
        read_timeout: float = READ_TIMEOUT,
        max_answer: int = MAX_ANSWER,
    ) -> None:
        self.address = address
        self._total, self._read, self._max_answer = total_deadline, read_timeout, max_answer
        self._watch = Watch()
        self._session = _session(address.api_key, self._watch)
        self._turn = Lock()

    def send(
        self, method: str, path: str, params: Mapping[str, int] | None = None, json: Any = None
    ) -> tuple[int, Any]:
        """Sends exactly once; returns the 2xx status and the body (None when empty).

        `path` is below the base URL and ends in a slash (without it: 404, hexnode-api.md section 2).
        Raises every kind of HexnodeError but WrongShape.
        """
        request = self._prepared(method, path, params, json)
        write = method not in _READS
        answer = self._answer(request, write)
        if fault := fault_of(answer, write, self._hiding(json)):
            raise fault
        return answer.status, answer.body

    def send_for_good(self, method: str, path: str, json: Any = None) -> None:
        """Sends exactly once what cannot be taken back: `Uncertain` unless the answer says in so many words that it was
        done or refused. Raises every kind of HexnodeError but WrongShape."""
        answer = self._answer(self._prepared(method, path, None, json), write=True)
        if fault := fault_of_final(answer, self._hiding(json)):
            raise fault

    def without_key(self, text: str) -> str:
        """Text that came from outside, made fit for an error. Case is ignored: host names lose theirs."""
        return re.sub(re.escape(self.address.api_key), "***", text, flags=re.IGNORECASE)

    def _hiding(self, json: Any) -> Callable[[str], str]:
        """What takes the key, and a PIN that was sent, out of a text: refusals like to repeat what they refuse."""
        pin = json.get("system_lock_pin") if isinstance(json, dict) else None
        return (lambda text: self.without_key(text).replace(pin, "***")) if pin else self.without_key

    def close(self) -> None:
        """Lets go of the kept connection."""
        self._session.close()

    def _prepared(
        self, method: str, path: str, params: Mapping[str, int] | None, json: Any
    ) -> requests.PreparedRequest:
        url = self.address.base_url + path
        return self._session.prepare_request(requests.Request(method, url, params=params, json=json))

    def _answer(self, request: requests.PreparedRequest, write: bool) -> Answer:
        """The whole answer. Raised outside every `except`, so that no frame or cause of the error holds the request's
        headers."""
        with self._turn, self._watch.during(self._total):
            outcome = self._exchange(request, write)
        if isinstance(outcome, HexnodeError):
            raise outcome
        return outcome

    def _exchange(self, request: requests.PreparedRequest, write: bool) -> Answer | HexnodeError:
        """One request on the wire. Whatever breaks after the connection stood may have sent something."""
        try:
            with self._session.send(
                request, timeout=(CONNECT_TIMEOUT, self._read), stream=True, allow_redirects=False
            ) as response:
                content = _content(response, self._max_answer)
        except Unreachable as not_sent:
            return Unreachable(not_sent.detail)  # anew, for that one remembers the request through its cause
        except Exception as failure:
            return lost(write, self._reason(failure))
        if self._watch.overdue:  # an answer without a length looks whole when its socket is cut
            return lost(write, self._reason(None))
        return Answer(response.status_code, response.headers, content)

    def _reason(self, failure: Exception | None) -> str:
        if self._watch.overdue:
            return f"no whole answer within {self._total:g} s"
        if isinstance(failure, requests.Timeout):
            return f"no answer within {self._read:g} s"
        if isinstance(failure, AnswerTooLongError):
            return f"the answer was longer than {self._max_answer} bytes"
        return "the connection was lost before the whole answer came"


class AnswerTooLongError(Exception):
    """The answer passed the size that we are ready to hold."""


class _WatchedAdapter(HTTPAdapter):
    """The adapter of requests over our watched connections."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        # No retry at all: a kept connection that died must not become a silent second send.
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = watched_pools(self._watch)


def _session(api_key: str, watch: Watch) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a .netrc entry for the host would replace our Authorization header
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # hexnode-api.md section 2, Cookies
    session.headers = {
        "Authorization": api_key,  # the bare key, section 2
        "Accept": "application/json",
        "Accept-Language": "en",  # messages are translated otherwise, and we read some of them
        "Accept-Encoding": "identity",  # so that the size we count is the size we hold
        "User-Agent": "scim-bridge",
    }
    for scheme in ("https://", "http://"):
        session.mount(scheme, _WatchedAdapter(watch))
    return session


def _content(response: requests.Response, at_most: int) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > at_most:
            raise AnswerTooLongError
    return bytes(content)
