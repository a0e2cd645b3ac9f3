"""SQL that SQLite and PostgreSQL spell differently: inside JSON, lists as one parameter, text. Knows no table."""

from collections.abc import Sequence
from typing import Any, ClassVar

import orjson
from sqlalchemy import Boolean, ColumnElement, Dialect, Text, TypeDecorator, bindparam, func, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine


class TextList(TypeDecorator[Sequence[str]]):
    """Any number of strings as one parameter, so that a statement reads the same however many there are."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array where there are arrays, JSON elsewhere."""
        return dialect.type_descriptor(ARRAY(Text()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        """The list as the driver takes it."""
        return list(value or ()) if dialect.name == "postgresql" else orjson.dumps(list(value or ())).decode()


class _KeyPath(TextList):
    """The keys that lead to a value inside JSON: `{emails,type}` or `$."emails"."type"`."""

    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        """The keys are names out of our own schemas, never a client's; a number counts elements from 0."""
        if dialect.name == "postgresql":
            return list(value or ())
        return "".join(["$", *(f"[{key}]" if key.isdigit() else f'."{key}"' for key in value or ())])


class _Expression(FunctionElement[Any]):
    """`sqlite` and `postgresql` are the two spellings; {0} and {1} stand for the arguments."""

    inherit_cache = True
    sqlite: ClassVar[str]
    postgresql: ClassVar[str]


@compiles(_Expression)
def _spelled(element: _Expression, compiler: SQLCompiler, **options: Any) -> str:
    arguments = [compiler.process(clause, **options) for clause in element.clauses]
    spelling = element.postgresql if compiler.dialect.name == "postgresql" else element.sqlite
    return spelling.format(*arguments)


class _Condition(_Expression):
    """A yes or no that stands where a condition may stand; SQLAlchemy would else append `= 1` and lose the index."""

    type = Boolean()

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - SQLAlchemy names it
        """The spelling brings its own brackets."""
        return self


class _JsonText(_Expression):
    inherit_cache = True
    name = "json_text"
    type = Text()
    sqlite = "json_extract({0}, {1})"
    postgresql = "({0} #>> {1})"


class _JsonValue(_Expression):
    inherit_cache = True
    name = "json_value"
    sqlite = "json_extract({0}, {1})"
    postgresql = "({0} #> {1})"


class _JsonBoolean(_Expression):
    inherit_cache = True
    name = "json_boolean"
    type = Boolean()
    sqlite = "json_extract({0}, {1})"
    postgresql = "CAST({0} #>> {1} AS boolean)"


class _JsonElements(_Expression):
    inherit_cache = True
    name = "json_elements"
    sqlite = "json_each({0}, {1})"
    postgresql = "jsonb_array_elements({0} #> {1})"


class _ElementText(_Expression):
    inherit_cache = True
    name = "element_text"
    type = Text()
    sqlite = "{0}"
    postgresql = "({0} #>> '{{}}')"


class _Listed(_Expression):
    inherit_cache = True
    name = "listed"
    sqlite = "json_each({0})"
    postgresql = "(SELECT unnest({0}) AS value)"


class _InList(_Condition):
    inherit_cache = True
    name = "in_list"
    sqlite = "({0} IN (SELECT value FROM json_each({1})))"
    postgresql = "({0} = ANY({1}))"


class _Contains(_Condition):
    inherit_cache = True
    name = "contains"
    sqlite = "(instr({0}, {1}) > 0)"
    postgresql = "(strpos({0}, {1}) > 0)"


class _CodePoints(_Expression):
    inherit_cache = True
    name = "code_points"
    type = Text()
    sqlite = "{0}"
    postgresql = '({0} COLLATE "C")'


class _AsComputed(_Expression):
    inherit_cache = True
    name = "as_computed"
    type = Text()
    sqlite = "+{0}"
    postgresql = "({0} || '')"


def json_text(document: ColumnElement[Any], keys: Sequence[str]) -> ColumnElement[str]:
    """The string at the end of the keys, or NULL; for an object or array its JSON text."""
    return _JsonText(document, literal(keys, _KeyPath()))


def json_value(document: ColumnElement[Any], keys: Sequence[str]) -> ColumnElement[Any]:
    """The object or array at the end of the keys, as JSON, or NULL."""
    return _JsonValue(document, literal(keys, _KeyPath()))


def json_boolean(document: ColumnElement[Any], keys: Sequence[str]) -> ColumnElement[bool]:
    """The boolean at the end of the keys, or NULL."""
    return _JsonBoolean(document, literal(keys, _KeyPath()))


def json_elements(document: ColumnElement[Any], keys: Sequence[str]) -> TableValuedAlias:
    """The array at the end of the keys as rows of one column, `value`; none when there is no array."""
    return _JsonElements(document, literal(keys, _KeyPath())).table_valued("value", name="element")


def element_text(element: ColumnElement[Any]) -> ColumnElement[str]:
    """An element that is a plain string."""
    return _ElementText(element)


def listed(parameter: str) -> TableValuedAlias:
    """The list bound to `parameter` as rows of one column, `value`."""
    return _Listed(bindparam(parameter, type_=TextList())).table_valued("value", name="listed")


def in_list(column: ColumnElement[str], parameter: str) -> ColumnElement[bool]:
    """Whether the column is in the list bound to `parameter`."""
    return _InList(column, bindparam(parameter, type_=TextList()))


def contains(text: ColumnElement[str], part: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether `part` stands somewhere in `text`."""
    return _Contains(text, part)


def starts(text: ColumnElement[str], part: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether `text` begins with `part`."""
    return func.substr(text, 1, func.length(part)) == part


def ends(text: ColumnElement[str], part: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether `text` ends with `part`."""
    tail = func.substr(text, func.length(text) - func.length(part) + 1)
    return (func.length(text) >= func.length(part)) & (tail == part)


def code_points(text: ColumnElement[str]) -> ColumnElement[str]:
    """For order and size: PostgreSQL would else compare by the rules of some language."""
    return _CodePoints(text)


def as_computed(text: ColumnElement[str]) -> ColumnElement[str]:
    """The same, but no index of it is used: to sort the few rows that another index has found."""
    return _AsComputed(text)
