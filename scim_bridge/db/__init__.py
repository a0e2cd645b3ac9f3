"""The database: engine, transactions, column types, migrations. Knows no table by name; imports nothing of ours."""
