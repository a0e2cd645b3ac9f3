"""The one MetaData on which each package declares its tables, with fixed names for migrations, and partial indexes."""

from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Index, MetaData, TextClause

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def partial_index(
    name: str, *columns: Column[Any], where: ColumnElement[bool] | TextClause, unique: bool = False
) -> Index:
    """An index over the rows that fulfil `where`, on either database; queries must state the same condition."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)
