"""The products of each exchange in SQL: what there is to choose from, and what the public may ask for."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from livermore.market.amount import canonical
from livermore.market.liquidity import scores
from livermore.market.product import Product, ranked
from livermore.store.tables import exchange_symbols as table
from livermore.store.tables import exchanges

_GONE = {"is_active": False, "volume_rank": None, "global_rank": None, "watched_since": None}


class Listed(NamedTuple):
    """One row; ``liquidity_score`` lies between 0 and 1, or is None where it is not known."""

    id: int
    symbol: str
    base: str
    quote: str
    exchange: str
    volume_24h: str | None
    liquidity_score: float | None


def refresh(
    connection: Connection, exchange_id: int, products: Sequence[Product], watched: Sequence[str], at: int
) -> None:
    """Bring the rows of an exchange up to its product list; active are those that are watched. ``at``: ms.

    Of each that is watched it stays written down since when it has been, without a break.
    """
    ranks = {product.symbol: rank for rank, product in enumerate(ranked(products), 1)}
    liquidity = scores(products, ranks)
    t = table.c
    rows = connection.execute(select(t.symbol, t.watched_since).where(t.exchange_id == exchange_id))
    known: dict[str, int | None] = {symbol: since for symbol, since in rows}  # noqa: C416
    connection.execute(update(table).where(t.exchange_id == exchange_id).values(**_GONE))
    for product in products:
        row = _row(product, ranks.get(product.symbol), liquidity[product.symbol], at, active=product.symbol in watched)
        row["watched_since"] = (known.get(product.symbol) or at) if row["is_active"] else None
        if product.symbol in known:
            here = (t.exchange_id == exchange_id) & (t.symbol == product.symbol)
            connection.execute(update(table).where(here).values(**row))
        else:
            connection.execute(insert(table).values(exchange_id=exchange_id, symbol=product.symbol, **row))


def _row(product: Product, rank: int | None, score: float, at: int, *, active: bool) -> dict[str, object]:
    return {
        "base_currency": product.base,
        "quote_currency": product.quote,
        "volume_24h": product.volume24h,
        "quote_volume_24h": product.quote_volume24h,
        "price_increment": product.price_increment,
        "base_increment": product.base_increment,
        "volume_rank": rank,
        "global_rank": rank,
        "display_name": product.symbol,
        "trade_count_24h": product.trade_count24h,
        "liquidity_score": str(score),
        "status": product.status[:20],
        "is_active": active,
        "last_volume_update": at,
    }


def listed(connection: Connection, exchange_id: int, symbols: Sequence[str]) -> list[str]:
    """Those of these symbols that the exchange lists and trades."""
    t = table.c
    here = (t.exchange_id == exchange_id) & t.symbol.in_(symbols) & t.volume_rank.is_not(None)
    return list(connection.execute(select(t.symbol).where(here)).scalars())


def watched_since(connection: Connection, exchange_id: int, symbol: str) -> int | None:
    """Since when (ms) a symbol has been watched without a break; None where it is not, or where that is not known."""
    t = table.c
    here = (t.exchange_id == exchange_id) & (t.symbol == symbol)
    return connection.execute(select(t.watched_since).where(here)).scalar()


def page(connection: Connection, exchange: str | None, after: int, limit: int) -> list[Listed]:
    """Active symbols whose row number is above ``after``, by that number."""
    t = table.c
    columns = (t.id, t.symbol, t.base_currency, t.quote_currency, exchanges.c.name, t.volume_24h, t.liquidity_score)
    query = select(*columns).join(exchanges, exchanges.c.id == t.exchange_id).where(t.is_active, t.id > after)
    if exchange is not None:
        query = query.where(exchanges.c.name == exchange)
    return [_listed(*row) for row in connection.execute(query.order_by(t.id).limit(limit))]


def _listed(id_: int, symbol: str, base: str, quote: str, exchange: str, volume: object, score: object) -> Listed:
    shown = None if volume is None else canonical(f"{volume:f}" if not isinstance(volume, str) else volume)
    return Listed(id_, symbol, base, quote, exchange, shown, None if score is None else float(str(score)))
