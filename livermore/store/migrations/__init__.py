"""Migrations of the SQL schema, by Alembic."""
