"""The SQL schema: made by migrations, the same as the tables say, and checked before it is used."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, delete, insert, inspect, select, text, update

from livermore.errors import LivermoreError, Transient
from livermore.store import schema
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database, make_engine
from livermore.store.tables import exchanges, leases, metadata
from tests.support.mariadb import MariaDB

TIMEFRAMES = {"1m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "1d"}


@pytest.fixture
def upgraded(sql: DatabasePlace) -> Iterator[Engine]:
    """A database with all tables."""
    made = make_engine(sql)
    yield made
    made.dispose()


def test_the_migrations_make_the_tables_as_they_are_described(upgraded: Engine) -> None:
    with upgraded.connect() as connection:
        defaults = upgraded.dialect.name == "sqlite"  # MariaDB says 1 where we say true
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": defaults}
        )
        assert compare_metadata(context, metadata) == []
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_alembic_itself_finds_nothing_to_migrate(upgraded: Engine) -> None:
    with upgraded.begin() as connection:
        command.check(schema.config(connection))


def test_mariadb_makes_the_same_of_the_migrations_and_of_the_description(
    mariadb_server: MariaDB, mariadb: DatabasePlace
) -> None:
    """Character sets, collations and defaults, which the comparison above leaves out."""
    described = mariadb_server.database()
    engine = make_engine(described)
    metadata.create_all(engine)
    engine.dispose()

    def made(place: DatabasePlace) -> dict[str, list[str]]:
        name = place.full_url.partition("?")[0].rpartition("/")[2]
        texts = {table: mariadb_server.run(f"SHOW CREATE TABLE {name}.{table}")[0][1] for table in metadata.tables}
        lines = {table: str(text).splitlines() for table, text in texts.items()}
        return {table: sorted(line.strip().rstrip(",") for line in found[:-1]) for table, found in lines.items()}

    assert made(mariadb) == made(described)


def test_a_new_database_knows_six_exchanges(upgraded: Engine) -> None:
    with upgraded.connect() as connection:
        rows = {row.id: row for row in connection.execute(select(exchanges))}
    said = {
        id_: (
            row.name,
            row.display_name,
            row.ws_url,
            row.rest_url,
            row.fee_schedule["maker"],
            row.fee_schedule["taker"],
        )
        for id_, row in rows.items()
    }
    assert said == {
        1: (
            "coinbase", "Coinbase Advanced Trade",
            "wss://advanced-trade-ws.coinbase.com", "https://api.coinbase.com", 0.006, 0.012,
        ),
        2: ("binance", "Binance", "wss://stream.binance.com:9443", "https://api.binance.com", 0.001, 0.001),
        3: ("binance_us", "Binance US", "wss://stream.binance.us:9443", "https://api.binance.us", 0.001, 0.001),
        4: ("kraken", "Kraken", "wss://ws.kraken.com", "https://api.kraken.com", 0.0016, 0.0026),
        5: ("kucoin", "KuCoin", "wss://ws-api-spot.kucoin.com", "https://api.kucoin.com", 0.001, 0.001),
        6: ("mexc", "MEXC", "wss://wbs.mexc.com/ws", "https://api.mexc.com", 0, 0.001),
    }  # fmt: skip
    assert all(row.is_active for row in rows.values())
    assert set(rows[1].supported_timeframes) == TIMEFRAMES
    assert set(rows[2].supported_timeframes) == TIMEFRAMES | {"3m", "8h", "12h", "3d", "1w", "1M"}
    assert rows[1].api_limits == {
        "ws_connections_per_ip": 750, "ws_messages_per_second": 8, "rest_weight_limit": 10000,
    }  # fmt: skip
    assert rows[2].geo_restrictions["blocked_countries"] == ["US"]
    assert rows[1].geo_restrictions is None
    assert rows[3].api_limits == {"rest_weight": 1200, "orders_per_10s": 10}


def test_what_is_missing_is_missing_in_sql_as_well(upgraded: Engine) -> None:
    """And not the JSON text null."""
    with upgraded.connect() as connection:
        found = connection.execute(text("SELECT COUNT(*) FROM exchanges WHERE geo_restrictions IS NULL")).scalar()
    assert found == 5


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(update(exchanges).where(exchanges.c.id == 1).values(display_name="Ours"))
        connection.execute(delete(exchanges).where(exchanges.c.id == 6))
    schema.upgrade(engine)
    with engine.connect() as connection:
        rows = connection.execute(select(exchanges.c.display_name).order_by(exchanges.c.id)).scalars().all()
        assert (rows[0], len(rows)) == ("Ours", 5)
        assert schema.current(connection) == schema.newest()


def test_the_newest_revision_is_that_of_the_last_migration() -> None:
    folder = Path(schema.__file__).parent / "migrations" / "versions"
    assert schema.newest() == max(file.name for file in folder.glob("[0-9]*.py"))[:4]


@pytest.mark.parametrize("held", [None, "0000"], ids=["no tables", "behind"])
def test_a_database_that_is_behind_says_so_and_what_helps(engine: Engine, held: str | None) -> None:
    with engine.begin() as connection:
        at(connection, held)
        with pytest.raises(Transient) as caught:
            schema.check(connection)
    said = str(caught.value)
    assert (held or "no tables") in said
    assert f"needs {schema.newest()}" in said
    assert "`livermore db upgrade`" in said


def at(connection: Any, revision: str | None) -> None:
    """Mark the database as one of this revision."""
    if revision is not None:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text(f"INSERT INTO alembic_version VALUES ('{revision}')"))


def test_a_database_that_is_ahead_needs_a_newer_program_and_no_upgrade(engine: Engine) -> None:
    with engine.begin() as connection:
        at(connection, "9999")
        with pytest.raises(Transient) as caught:
            schema.check(connection)
    for said in (str(caught.value), refused(engine)):
        assert "revision 9999" in said
        assert f"needs {schema.newest()}" in said
        assert "`pip install --upgrade livermore`" in said
        assert "db upgrade" not in said
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]


def refused(engine: Engine) -> str:
    with pytest.raises(LivermoreError) as caught:
        schema.upgrade(engine)
    return str(caught.value)


def test_a_database_that_cannot_be_reached_cannot_be_upgraded(tmp_path: Path) -> None:
    place = DatabasePlace.model_validate({"url": f"sqlite:///{tmp_path / 'nowhere' / 'new.db'}"})
    assert "unable to open database file" in refused(make_engine(place))


def test_work_begins_once_the_schema_is_there(place: DatabasePlace, engine: Engine) -> None:
    database = Database(place)
    with pytest.raises(Transient, match="no tables"):
        database.run(lambda _: pytest.fail("on no schema at all"))
    schema.upgrade(engine)
    assert database.run(lambda connection: connection.execute(select(leases)).all()) == []
    database.close()


def test_a_schema_that_was_right_is_not_looked_at_again(place: DatabasePlace, engine: Engine) -> None:
    schema.upgrade(engine)
    database = Database(place)
    database.run(lambda _: None)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    database.run(lambda _: None)
    database.close()


def test_what_refers_to_an_exchange_goes_with_it(upgraded: Engine) -> None:
    with upgraded.connect() as connection:  # which is rolled back
        connection.execute(insert(leases).values(exchange_id=6, epoch=1, owner=json.dumps({}), since=0))
        connection.execute(delete(exchanges).where(exchanges.c.id == 6))
        assert connection.execute(select(leases)).all() == []
