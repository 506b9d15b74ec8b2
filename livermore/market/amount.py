"""Prices and volumes: decimal strings in one canonical form, so that equal amounts are equal texts."""

import re
from collections.abc import Iterable
from decimal import Context, Decimal, Inexact
from functools import reduce

_PLAIN = re.compile(r"\d{1,32}(?:\.\d{1,32})?", re.ASCII)
_EXACT = Context(prec=100, traps=[Inexact])


def canonical(text: str) -> str:
    """Plain notation without needless zeros: ``34.10`` becomes ``34.1``, ``007`` becomes ``7``.

    Raises:
        ValueError: the text is not a plain, unsigned decimal number.
    """
    if _PLAIN.fullmatch(text) is None:
        raise ValueError(f"expected a plain decimal number, found {text[:40]!r}")
    return _trimmed(text)


def text_of(amount: Decimal) -> str:
    """The canonical text of an exact amount."""
    return _trimmed(f"{amount:f}")


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum: Decimal's own + rounds to 28 digits."""
    return reduce(_EXACT.add, amounts, Decimal(0))


def _trimmed(text: str) -> str:
    whole, _, fraction = text.partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole
