"""How the model says no."""


class Refusal(Exception):  # noqa: N818 - the model refuses; nothing has gone wrong in it
    """A status and a scimType of RFC 7644 3.12."""

    def __init__(self, status: int, scim_type: str | None = None) -> None:
        super().__init__(status, scim_type)
        self.status = status
        self.scim_type = scim_type


def invalid(scim_type: str) -> Refusal:
    """A 400 of this type."""
    return Refusal(400, scim_type)
