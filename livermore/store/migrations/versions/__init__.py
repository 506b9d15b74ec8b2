"""Migrations of the SQL schema, one file each."""
