"""How a call can fail: one class for each thing the caller may do about it; the doing is not here.

`detail` is short text for the operator: what Hexnode said, or what happened on the way; never the key.
"""

# ruff: noqa: N818 - named for what happened, as the journal and the operator read it

MAX_DETAIL = 300


class HexnodeError(Exception):
    """A call that did not succeed; its class says what may be done next."""

    detail: str

    def __init__(self, detail: str) -> None:
        self.detail = detail[:MAX_DETAIL]
        super().__init__(self.detail)

    def __str__(self) -> str:
        return self.detail


class Throttled(HexnodeError):
    """Over the allowance (429): the portal wants no call for `retry_after` seconds. Nothing took effect."""

    def __init__(self, retry_after: float, detail: str) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.args = (retry_after, self.detail)


class Unreachable(HexnodeError):
    """Try again later: the call was certainly not sent, or it was a read and nothing can have changed."""


class Uncertain(HexnodeError):
    """A write that may or may not have taken effect: look before sending it again (safety.md, in doubt)."""


class Rejected(HexnodeError):
    """Hexnode refused the call (4xx, or a redirected write): stop and show; sent again it fails again."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.args = (status, self.detail)


class WrongShape(Rejected):
    """Create user was refused for its list or object form. The client now uses the other: send once more."""


class KeyRefused(HexnodeError):
    """The key is wrong or the API is switched off (401, 403): every call to this portal will fail."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.args = (status, self.detail)
