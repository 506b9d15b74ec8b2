"""Migrations of the SQL schema, by Alembic, for programs that are replaced one after the other.

Only `livermore db upgrade` runs them (and the embedded stores of a folder, which nobody else uses). It comes first:
a program goes on with a schema that is one revision ahead of it. Then the programs are replaced, in any order. A front
may be replaced before as well: it goes on with a schema that is one behind. A writer waits for the upgrade. Whoever is
further away waits, and says both revisions and the command that helps (`schema.check`); `livermore db status` says it
beforehand. Two revisions at once are two upgrades, each with its programs.

So each migration has to be such that the program of the revision before it goes on working:

* It expands: new tables, new indices that are not unique, new columns that are nullable or have a default in SQL.
  It never renames, narrows or makes anything required, and adds no unique or foreign key to what is there.
* It contracts (drops a column) only what no program uses since the revision before, and says so in
  ``tests/store/test_schema_span.py``, which holds every migration against this.
* In ``tables.py`` what it brings is marked ``info={"since": "0004"}``, at the column or the table. A front reads and
  writes such columns through `store/expansion.py`: what the database has not is NULL, and is not written. The marks of
  older revisions do no harm and may go.
* Queries name their columns; none takes all there are.
* It has a ``downgrade``, by which tests make the schema before it.

DDL is not transactional on MySQL and MariaDB: a migration that fails half-way is mended by hand, so each is small.
"""
