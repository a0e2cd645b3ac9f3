"""What Alembic runs: the versions, on the connection that `scim_bridge.db.migrate` hands over."""

from alembic import context

from scim_bridge.db.metadata import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
