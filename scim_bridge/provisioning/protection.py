"""What a row says whose person or Hexnode group the policy protects: it is marked, and no call is made for it. Whom and
what that concerns is the policy's word (`protects_user`, `protects_group`)."""

MARK = "PROTECTED"
PROTECTED_PERSON = (
    f"{MARK}: the policy protects this person (protected.users): nothing of theirs is made, changed or withdrawn at "
    "Hexnode, and nothing is locked when they leave; do by hand what has to be done."
)
PROTECTED_GROUP = (
    f"{MARK}: the policy protects this Hexnode group (protected.groups): nobody is placed there or withdrawn; "
    "do by hand what has to be done."
)


def is_marked(trouble: str | None) -> bool:
    """Whether a row's trouble says that it is protected."""
    return trouble is not None and trouble.startswith(MARK)
