"""A notice: an alert in words and numbers for people (`reference.md` 8.6)."""

from decimal import Decimal
from typing import NamedTuple

from livermore.market.alert import Alert
from livermore.market.bias import WEIGHTS

ROWS = 3
"""Lines of the table of timeframes."""


class Notice(NamedTuple):
    """``marks``: what is said before everything else, as `simulated`; ``chart``: a PNG, where there is one."""

    alert: Alert
    marks: tuple[str, ...] = ()
    chart: bytes | None = None

    @property
    def id(self) -> str:
        """The alert's."""
        return self.alert.id

    @property
    def title(self) -> str:
        """One line: symbol, what happened, timeframe."""
        return (
            "".join(f"[{mark}] " for mark in self.marks)
            + f"{self.alert.symbol} {self._event} on {self.alert.timeframe}"
        )

    @property
    def zone(self) -> str:
        """`overbought` or `oversold`: the side on which it happened."""
        return str(self.alert.details.get("zone") or ("overbought" if self.alert.value > 0 else "oversold"))

    @property
    def values(self) -> str:
        """MACD-V, and of a reversal what it was measured by."""
        parts = [f"MACD-V **{self.alert.value:+.1f}**"]
        if self._is_reversal:
            details = self.alert.details
            parts.append(f"Histogram **{details['histogram']:+.1f}**")
            parts.append(f"Buffer **{details['buffer']:.1f}** ({details['bufferPct']:g} %)")
        return " | ".join(parts)

    @property
    def table(self) -> str:
        """Three lines with the MACD-V of the six timeframes, whole numbers."""
        held = {one["timeframe"]: one["macdV"] for one in self.alert.details.get("timeframes", [])}
        cells = [f"{name:>3} {_whole(held.get(name)):>5}" for name in map(str, WEIGHTS)]
        half = len(cells) // ROWS
        return "\n".join("   ".join(cells[i : i + half]) for i in range(0, len(cells), half))

    @property
    def bias(self) -> str:
        """`Bullish`, `Bearish` or `Neutral`."""
        return str(self.alert.details.get("bias", "Neutral"))

    @property
    def price(self) -> str:
        """The price with as many decimals as its size asks for."""
        return price_text(self.alert.price)

    @property
    def plain(self) -> str:
        """All of it for where there is no layout."""
        lines = [self.values.replace("**", ""), self.table, f"Bias: {self.bias}", f"Price: {self.price}"]
        return "\n".join([*lines, f"{self.alert.exchange}, alert {self.alert.id}"])

    @property
    def _is_reversal(self) -> bool:
        return {"histogram", "buffer", "bufferPct"} <= self.alert.details.keys()

    @property
    def _event(self) -> str:
        details = self.alert.details
        level = details.get("level")
        if level is not None:
            return f"{'above' if level > 0 else 'below'} {level:+d}"
        if "price" in details:
            return f"{'above' if details['direction'] == 'up' else 'below'} {price_text(details['price'])}"
        if "before" in details:
            return f"{details['stage']} after {details['before']}"
        if self._is_reversal:
            return f"{'bullish' if self.zone == 'oversold' else 'bearish'} reversal from {self.zone}"
        return self.alert.label.replace("_", " ")


def price_text(price: str) -> str:
    """``65,000.50``, ``0.1234``, ``0.001234`` or ``0.00000123``."""
    amount = Decimal(price)
    steps = ((Decimal(1), ",.2f"), (Decimal("0.01"), ".4f"), (Decimal("0.0001"), ".6f"))
    return format(amount, next((form for least, form in steps if amount >= least), ".8f"))


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{round(value):+d}"
