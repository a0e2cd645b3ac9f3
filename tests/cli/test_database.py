"""`scim-bridge db upgrade`."""

from sqlalchemy import inspect

from scim_bridge.db.engine import connect


def test_it_sets_up_an_empty_database_and_may_be_repeated(cli, tmp_path):
    for _ in range(2):
        result = cli("db", "upgrade")
        assert (result.exit_code, result.stdout) == (0, "The database has the schema of this version.\n")
    engine = connect(f"sqlite:///{tmp_path / 'scim-bridge.db'}")
    assert {"tokens", "users", "journal"} <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_it_needs_no_portal(cli, environ):
    environ.clear()
    assert cli("db", "upgrade").exit_code == 0
