"""Prices and volumes: decimal strings in one canonical form, so that equal amounts are equal texts."""

import re
from decimal import Decimal

_PLAIN = re.compile(r"\d{1,32}(?:\.\d{1,32})?", re.ASCII)


def canonical(text: str) -> str:
    """Plain notation without needless zeros: ``34.10`` becomes ``34.1``, ``007`` becomes ``7``.

    Raises:
        ValueError: the text is not a plain, unsigned decimal number.
    """
    if _PLAIN.fullmatch(text) is None:
        raise ValueError(f"expected a plain decimal number, found {text[:40]!r}")
    whole, _, fraction = text.partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def text_of(amount: Decimal) -> str:
    """The canonical text of an exact amount."""
    return canonical(f"{amount:f}")
