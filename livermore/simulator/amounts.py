"""Whole ticks and lots as decimal text."""


def text_of(units: int, digits: int) -> str:
    """``units`` times 10^-digits in plain notation, without needless zeros: 1 of 8 digits is ``0.00000001``."""
    if not digits:
        return str(units)
    padded = str(units).rjust(digits + 1, "0")
    whole, fraction = padded[:-digits], padded[-digits:].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def increment(digits: int) -> str:
    """The smallest step of an amount with so many decimals."""
    return text_of(1, digits)
