"""Alembic's migrations, one file a version, oldest first. They stand alone: they import no table of today."""
