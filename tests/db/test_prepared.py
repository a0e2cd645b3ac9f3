"""Prepared statements mean what SQLAlchemy's own execution of them means, on either database."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Text,
    bindparam,
    delete,
    exc,
    insert,
    literal,
    null,
    select,
    text,
    union_all,
    update,
)

from scim_bridge.db.engine import reading, writing
from scim_bridge.db.prepared import Prepared
from scim_bridge.delivery.tables import journal
from scim_bridge.provisioning.tables import seen_groups
from tests.plans import recorded

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = (seen_groups.c.portal == bindparam("whose", type_=Text)) & (
    seen_groups.c.hexnode_id == bindparam("which", type_=Integer)
)
FIND = select(seen_groups).where(KEY)
NAME = Prepared(select(seen_groups.c.groupname).where(KEY))
NAMES = Prepared(select(seen_groups.c.groupname).order_by(seen_groups.c.hexnode_id))
INSERT = Prepared(insert(seen_groups), seen_groups.columns.keys())


def _row(number: int, name: str = "Sales") -> dict[str, Any]:
    return {"portal": "acme", "hexnode_id": number, "groupname": name, "seen_at": NOON}


def _key(number: int) -> dict[str, Any]:
    return {"whose": "acme", "which": number}


@pytest.fixture
def connection(engine: Engine) -> Any:
    with writing(engine) as opened:
        INSERT.run_for_each(opened, [_row(1), _row(2, "Support")])
        yield opened


def test_a_row_comes_back_as_sqlalchemy_gives_it(connection: Connection) -> None:
    assert tuple(Prepared(FIND).row(connection, _key(1))) == tuple(connection.execute(FIND, _key(1)).one())
    assert Prepared(FIND).row(connection, _key(1)).seen_at == NOON


def test_columns_have_their_names(connection: Connection) -> None:
    row = Prepared(select(seen_groups.c.groupname, literal(7).label("seven")).where(KEY)).row(connection, _key(2))
    assert (row.groupname, row.seven) == ("Support", 7)


def test_rows_come_in_their_order(connection: Connection) -> None:
    assert [row.groupname for row in NAMES.rows(connection, {})] == ["Sales", "Support"]
    assert NAMES.column(connection, {}) == ["Sales", "Support"]


def test_a_value_is_the_first_of_the_first_row(connection: Connection) -> None:
    assert NAME.value(connection, _key(2)) == "Support"


def test_where_there_is_no_row_there_is_nothing(connection: Connection) -> None:
    assert (NAME.value(connection, _key(3)), NAME.row(connection, _key(3))) == (None, None)
    assert (NAME.column(connection, _key(3)), NAME.rows(connection, _key(3))) == ([], [])


def test_only_the_named_columns_are_set(connection: Connection) -> None:
    rename = Prepared(update(seen_groups).where(KEY), ("groupname",))
    rename.run(connection, {**_key(1), "groupname": "Service"})
    assert tuple(Prepared(FIND).row(connection, _key(1))) == tuple(_row(1, "Service").values())


def test_what_is_deleted_can_be_given_back(connection: Connection) -> None:
    gone = Prepared(delete(seen_groups).where(KEY).returning(seen_groups.c.groupname))
    assert gone.column(connection, _key(1)) == ["Sales"]
    assert NAMES.column(connection, {}) == ["Support"]


def test_no_rows_to_insert_are_no_error(connection: Connection) -> None:
    INSERT.run_for_each(connection, [])
    assert NAMES.column(connection, {}) == ["Sales", "Support"]


def test_a_union_has_the_types_of_its_first_part(connection: Connection) -> None:
    seen = select(literal("kind", Text).label("kind"), seen_groups.c.seen_at).where(KEY)
    both = Prepared(union_all(seen, seen).limit(bindparam("limit")))
    assert [tuple(row) for row in both.rows(connection, {**_key(1), "limit": 5})] == [("kind", NOON)] * 2
    assert len(both.rows(connection, {**_key(1), "limit": 1})) == 1


def test_json_goes_and_comes_as_json(connection: Connection) -> None:
    subject = {"user_ids": ["a", "ü"], "none": None}
    row = {"portal": "acme", "fence": 1, "lane": 1, "kind": "LockDevices", "subject": subject, "sent_at": NOON}
    Prepared(insert(journal), tuple(row)).run(connection, row)
    assert Prepared(select(journal.c.subject)).value(connection, {}) == subject


def test_null_stays_null(connection: Connection) -> None:
    assert Prepared(select(null().label("missing"), literal(0).label("zero"))).rows(connection, {}) == [(None, 0)]


def test_parameters_that_the_statement_does_not_have_are_ignored(connection: Connection) -> None:
    """A filter over two types carries the values of both, and each type asks for its own."""
    assert NAME.value(connection, {**_key(1), "other": "x"}) == "Sales"


def test_a_percent_sign_is_a_letter(connection: Connection) -> None:
    assert Prepared(select(literal("100%", Text).label("text"))).value(connection, {}) == "100%"
    INSERT.run(connection, _row(3, "100% %s %(x)s ?"))
    assert NAME.value(connection, _key(3)) == "100% %s %(x)s ?"


def test_a_second_row_of_one_key_is_an_integrity_error(engine: Engine, connection: Connection) -> None:
    with pytest.raises(exc.IntegrityError) as raised:
        INSERT.run(connection, _row(1))
    assert isinstance(raised.value.orig, engine.dialect.loaded_dbapi.IntegrityError)


def test_an_error_tells_no_value(connection: Connection) -> None:
    """What stands in a log must name nobody."""
    with pytest.raises(exc.DBAPIError) as raised:
        INSERT.run(connection, _row(1, "secret name"))
    assert raised.value.params is None


def test_what_the_database_does_not_understand_is_an_error_of_it(connection: Connection) -> None:
    with pytest.raises(exc.DBAPIError):
        Prepared(select(text("nothing FROM nowhere"))).rows(connection, {})


def test_a_parameter_that_is_missing_is_an_error(connection: Connection) -> None:
    with pytest.raises((KeyError, exc.DBAPIError)):
        NAME.value(connection, {"whose": "acme"})


def test_a_moment_without_a_zone_is_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        INSERT.run(connection, {**_row(3), "seen_at": NOON.replace(tzinfo=None)})


def test_what_is_written_is_part_of_the_transaction(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        INSERT.run(connection, _row(1))
        raise ZeroDivisionError
    with writing(engine) as connection:
        INSERT.run(connection, _row(2, "Support"))
    with reading(engine) as connection:
        assert NAMES.column(connection, {}) == ["Support"]


def test_who_listens_to_statements_hears_these_as_well(engine: Engine, connection: Connection) -> None:
    with recorded(engine) as statements:
        NAME.value(connection, _key(1))
        INSERT.run_for_each(connection, [_row(3), _row(4)])
    assert [sql.split()[0] for sql, _ in statements] == ["SELECT", "INSERT"]


def test_one_statement_serves_many_connections(engine: Engine) -> None:
    with writing(engine) as connection:
        INSERT.run(connection, _row(1))
    for _ in range(2):
        with engine.connect() as first, engine.connect() as second:
            assert NAME.value(first, _key(1)) == NAME.value(second, _key(1)) == "Sales"
