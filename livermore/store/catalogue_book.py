"""The catalogue for administrators: pages of it by rank, what a few letters may mean, and symbols in any spelling."""

from collections.abc import Collection, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from livermore.market.amount import canonical
from livermore.market.instant import iso
from livermore.store.tables import exchange_symbols as table

t = table.c
Which = Literal["all", "active", "watched"]
"""Everything that was ever listed, what is traded, or what is watched."""
_RANKED = (t.global_rank.is_(None), t.global_rank, t.symbol)
"""Most traded first; what has no rank comes last, by name."""
_BARE = func.replace(t.symbol, "-", "")
_COLUMNS = (
    t.id, t.symbol, t.base_currency, t.quote_currency, t.display_name, t.volume_24h, t.quote_volume_24h, t.global_rank,
    t.market_cap, t.trade_count_24h, t.liquidity_score, t.status, t.is_active, t.last_volume_update,
)  # fmt: skip


class Entry(NamedTuple):
    """One symbol. Amounts are decimal strings, ``liquidity_score`` lies between 0 and 1; None: it is not known.

    ``active``: whether it is traded; ``updated_at``: when the catalogue was last brought up to date, ISO-8601.
    """

    id: int
    symbol: str
    base: str
    quote: str
    display_name: str | None
    volume_24h: str | None
    quote_volume_24h: str | None
    rank: int | None
    market_cap: str | None
    trade_count_24h: int | None
    liquidity_score: float | None
    status: str | None
    active: bool
    watched: bool
    updated_at: str | None


class Page(NamedTuple):
    """A part of what there is, and how much that is in all."""

    entries: Sequence[Entry]
    total: int


def page(connection: Connection, exchange_id: int, which: Which, offset: int, limit: int) -> Page:
    """The entries of an exchange by rank, without the first ``offset``."""
    wanted = _of(select(*_COLUMNS), exchange_id, which)
    total = connection.execute(_of(select(func.count()).select_from(table), exchange_id, which)).scalar() or 0
    rows = connection.execute(wanted.order_by(*_RANKED).offset(offset).limit(limit))
    return Page([_entry(row) for row in rows], total)


def search(connection: Connection, exchange_id: int, letters: str, limit: int) -> list[Entry]:
    """What is traded and has these letters (capitals, no hyphens) in it: what begins with them first, then by rank."""
    begins = _BARE.startswith(letters, autoescape=True)
    wanted = _of(select(*_COLUMNS), exchange_id, "active").where(_BARE.contains(letters, autoescape=True))
    return [_entry(row) for row in connection.execute(wanted.order_by(~begins, *_RANKED).limit(limit))]


def named(connection: Connection, exchange_id: int, names: Collection[str]) -> list[Entry]:
    """The symbols that are spelled like this (capitals), with a hyphen or, as on some exchanges, without; by rank."""
    meant = or_(t.symbol.in_(names), _BARE.in_(names))
    wanted = _of(select(*_COLUMNS), exchange_id, "all").where(meant).order_by(*_RANKED)
    return [_entry(row) for row in connection.execute(wanted)]


def ranks(connection: Connection, exchange_id: int, symbols: Collection[str]) -> dict[str, int | None]:
    """The ranks of symbols, as far as they are listed."""
    wanted = select(t.symbol, t.global_rank).where(t.exchange_id == exchange_id, t.symbol.in_(symbols))
    return {symbol: rank for symbol, rank in connection.execute(wanted)}  # noqa: C416 - rows are no pairs


def _of(query: Select[Any], exchange_id: int, which: Which) -> Select[Any]:
    kinds: dict[Which, list[ColumnElement[bool]]] = {
        "all": [],
        "active": [t.global_rank.is_not(None)],
        "watched": [t.is_active],
    }
    return query.where(t.exchange_id == exchange_id, *kinds[which])


def _entry(row: Sequence[Any]) -> Entry:
    (number, symbol, base, quote, name, volume, quote_volume, rank, cap, trades, score, status, watched, at) = row
    return Entry(
        number, symbol, base, quote, name, _amount(volume), _amount(quote_volume), rank, _amount(cap), trades,
        None if score is None else float(str(score)), status, rank is not None, bool(watched),
        None if at is None else iso(at),
    )  # fmt: skip


def _amount(held: Any) -> str | None:
    """In canonical form: SQLite keeps the text, others pad their decimals with zeros."""
    return None if held is None else canonical(held if isinstance(held, str) else f"{held:f}")
