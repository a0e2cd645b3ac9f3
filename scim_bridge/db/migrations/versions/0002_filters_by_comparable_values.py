"""Every resource also in the form in which it is compared, for filters and order; keys that processes share."""

import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
# So many documents are in memory at a time.
_BATCH = 1000
# The values that were compared letter by letter when this version was made.
_CASE_EXACT = {
    ("externalId",),
    ("profileUrl",),
    ("photos", "value"),
    ("x509Certificates", "value"),
    ("manager", "value"),
}


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "secret_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secret_keys"),
    )
    for table in ("users", "groups"):
        # With a default, because there may be rows; each gets its own value below, and each write sets one.
        op.add_column(table, sa.Column("comparable", _JSON, nullable=False, server_default=sa.text("'{}'")))
        _fill(table)
    if op.get_bind().dialect.name == "postgresql":
        for table, column in (
            ("users", "user_name_key"),
            ("users", "display_name_key"),
            ("groups", "display_name_key"),
        ):
            op.alter_column(table, column, type_=sa.Text(collation="C"))
        for table in ("users", "groups"):
            op.alter_column(table, "comparable", server_default=None)


def _fill(name: str) -> None:
    table = sa.table(
        name, *(sa.column(key, sa.Text) for key in ("tenant", "id")), *(sa.column(c, _JSON) for c in _BOTH)
    )
    connection = op.get_bind()
    fill = sa.update(table).where(table.c.tenant == sa.bindparam("whose"), table.c.id == sa.bindparam("which"))
    fill = fill.values(comparable=sa.bindparam("folded", type_=_JSON))
    last: tuple[str, str] | None = ("", "")
    while last is not None:
        last = _fill_batch(connection, table, fill, last)


def _fill_batch(
    connection: sa.Connection, table: sa.TableClause, fill: sa.Update, after: tuple[str, str]
) -> tuple[str, str] | None:
    """The next rows behind this key; gives the last of them, or None at the end. All at once would fill the memory."""
    keys = (table.c.tenant, table.c.id)
    behind = sa.select(*keys, table.c.document).where(sa.tuple_(*keys) > sa.tuple_(*map(sa.literal, after)))
    rows = connection.execute(behind.order_by(*keys).limit(_BATCH)).all()
    if not rows:
        return None
    connection.execute(fill, [{"whose": t, "which": k, "folded": _folded(doc, ())} for t, k, doc in rows])
    return rows[-1].tenant, rows[-1].id


_BOTH = ("document", "comparable")


def _folded(value: Any, way: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _folded(inner, way if key.startswith("urn:") else (*way, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_folded(inner, way) for inner in value]
    return value if way in _CASE_EXACT or not isinstance(value, str) else _fold(value)


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
