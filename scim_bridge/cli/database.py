"""`scim-bridge db`: the database's schema."""

import click

from scim_bridge import bootstrap
from scim_bridge.db import migrate


@click.group()
def db() -> None:
    """Set up the database, or bring it to this version."""


@db.command()
def upgrade() -> None:
    """Create or update the tables. Safe to repeat; `serve` does it by itself."""
    migrate.upgrade(bootstrap.database())
    click.echo("The database has the schema of this version.")
