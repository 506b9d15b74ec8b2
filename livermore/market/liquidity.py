"""How well a product can be traded, as one number between 0 and 1 (`reference.md` 4.7)."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

from livermore.market.product import Product

WEIGHTS: Mapping[str, float] = {"trades": 0.30, "volume": 0.30, "spread": 0.25, "depth": 0.15}
FEW_TRADES, WELL_KNOWN, CAP = 100, 15, 0.35
"""A product with fewer trades a day than this, ranked below that, scores no more than so much."""
WIDEST = 5.0
"""A spread of so many percent or more counts as none."""
DEEPEST = math.log(100_001)

Signals = dict[str, float]


def scores(products: Sequence[Product], ranks: Mapping[str, int]) -> dict[str, float]:
    """The score of each product, to three decimals. ``ranks``: place by volume, from 1, of those that trade."""
    most_trades = max((p.trade_count24h or 0 for p in products), default=0)
    most_volume = max((float(p.quote_volume24h) for p in products), default=0.0)
    return {p.symbol: _score(p, ranks.get(p.symbol), most_trades, most_volume) for p in products}


def _score(product: Product, rank: int | None, most_trades: int, most_volume: float) -> float:
    """What is not told weighs nothing; the rest weighs as much more."""
    signals = _signals(product, most_trades, most_volume)
    weight = sum(WEIGHTS[name] for name in signals)
    score = sum(WEIGHTS[name] * value for name, value in signals.items()) / weight if weight else 0.0
    trades = product.trade_count24h
    obscure = trades is not None and trades < FEW_TRADES and (rank is None or rank > WELL_KNOWN)
    return round(min(score, CAP) if obscure else score, 3)


def _signals(product: Product, most_trades: int, most_volume: float) -> Signals:
    found = Signals()
    if product.trade_count24h is not None and most_trades > 0:
        found["trades"] = math.log1p(product.trade_count24h) / math.log1p(most_trades)
    if most_volume > 0:
        found["volume"] = math.log1p(float(product.quote_volume24h)) / math.log1p(most_volume)
    bid, ask = _amount(product.bid), _amount(product.ask)
    if bid > 0 and ask > 0:
        found["spread"] = min(1.0, max(0.0, 1 - (ask - bid) / ((ask + bid) / 2) * 100 / WIDEST))
        if product.bid_size is not None and product.ask_size is not None:
            depth = _amount(product.bid_size) * bid + _amount(product.ask_size) * ask
            found["depth"] = min(1.0, math.log1p(depth) / DEEPEST)
    return found


def _amount(text: str | None) -> float:
    return float(Decimal(text)) if text else 0.0
