"""Section R of the checklist: what is stored, and that nothing asked for becomes a command to the database."""

from sqlalchemy import select

from scim_bridge.db.engine import reading
from scim_bridge.db.metadata import metadata
from tests.checklist.asking import asked, on_both_databases, user
from tests.web.catalogue import op
from tests.web.database import stored


@on_both_databases
def test_rfc_247_a_password_is_stored_nowhere(scim, engine):
    ana = scim.send("POST", "/Users", user(password="q8Zt1vKd")).json["id"]
    scim.send("PUT", f"/Users/{ana}", user(password="q8Zt1vKd", title="Pilot"))
    scim.patch(f"/Users/{ana}", op("replace", "password", "q8Zt1vKd"), op("replace", None, {"password": "q8Zt1vKd"}))
    with reading(engine) as connection:
        rows = [str(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    assert [row for row in rows if "Pilot" in row]
    assert not [row for row in rows if "q8Zt1vKd" in row]


def test_rfc_248_what_is_not_in_a_schema_is_not_stored(scim, engine):
    scim.send("POST", "/Users", user(bloodType="AB0-", **{"urn:acme:health:1.0": {"bloodType": "AB0-"}}))
    with reading(engine) as connection:
        rows = [str(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    assert [row for row in rows if "ana@acme.test" in row]
    assert not [row for row in rows if "AB0-" in row]


@on_both_databases
def test_rfc_249_a_value_is_never_sql(scim, engine):
    scim.user("ana@acme.test", externalId="a1", displayName="Ana")
    before = stored(engine)
    odd = ("' OR '1'='1", "x'; DROP TABLE users; --", "%", "_", "a%", "%%s", "{0}", ":tenant", "\\\\", "*", "?", "$1")
    for text in odd:
        for name in ("userName", "externalId", "displayName", "emails.value", "id"):
            answer = asked(scim, f'{name} eq "{text}"')
            assert (answer.status_code, answer.json["totalResults"]) == (200, 0), answer.text
    assert stored(engine) == before
