"""The symbols that the simulated exchange lists, from very liquid to sparse: twelve, or as many as are asked for."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Instrument:
    """What makes one symbol's market.

    ``price_digits`` and ``size_digits`` are decimals: one tick is 10^-price_digits, one lot 10^-size_digits.
    ``price`` is in the quote currency, ``size`` the mean trade in the base currency, ``rate`` in trades per minute.
    ``volatility`` is the typical move of a day and ``swing`` the height of the scripted oscillation, both as shares
    of the price; ``phase`` says where in its period the oscillation stands, from 0 to 1.
    """

    symbol: str
    name: str
    price_digits: int
    size_digits: int
    price: float
    rate: float
    size: float
    volatility: float
    swing: float = 0.0
    phase: float = 0.0
    spread: int = 1

    @property
    def base(self) -> str:
        return self.symbol.partition("-")[0]


INSTRUMENTS = (
    Instrument("BTC-USD", "Bitcoin", 2, 8, 65_000.0, 60.0, 0.033, 0.008, 0.0050, 0 / 16),
    Instrument("ETH-USD", "Ethereum", 2, 8, 1_920.0, 45.0, 0.31, 0.009, 0.0058, 1 / 16, 7),
    Instrument("SOL-USD", "Solana", 2, 8, 77.0, 30.0, 8.5, 0.011, 0.0074, 2 / 16),
    Instrument("XRP-USD", "XRP", 4, 6, 1.04, 24.0, 540.0, 0.010, 0.0072, 3 / 16),
    Instrument("DOGE-USD", "Dogecoin", 5, 1, 0.0704, 18.0, 1_800.0, 0.012, 0.0082, 4 / 16),
    Instrument("ADA-USD", "Cardano", 5, 8, 0.198, 14.0, 2_400.0, 0.011, 0.0080, 5 / 16),
    Instrument("LINK-USD", "Chainlink", 3, 2, 8.33, 11.0, 34.0, 0.011, 0.0080, 6 / 16),
    Instrument("AVAX-USD", "Avalanche", 3, 8, 6.55, 9.0, 28.0, 0.012, 0.0086, 7 / 16),
    Instrument("LTC-USD", "Litecoin", 2, 8, 46.1, 7.0, 8.8, 0.018),
    Instrument("SHIB-USD", "Shiba Inu", 8, 0, 0.00001234, 4.0, 3_100_000.0, 0.030),
    Instrument("ATOM-USD", "Cosmos", 3, 2, 4.39, 2.0, 54.0, 0.024, spread=2),
    Instrument("SLP-USD", "Smooth Love Potion", 6, 0, 0.001342, 0.1, 9_000.0, 0.040, spread=6),
)
"""The phases of the scripted ones are spread over half a period: the other half has the same events, upside down."""

_QUIETEST = 0.05


def made(count: int, quote: str = "USD") -> tuple[Instrument, ...]:
    """The first ``count`` of endlessly many instruments, quoted in ``quote``.

    The first twelve are `INSTRUMENTS`. Every further dozen takes after them, each dozen quieter than the one before.
    """
    return tuple(_quoted(_numbered(number), quote) for number in range(count))


def _numbered(number: int) -> Instrument:
    dozen, place = divmod(number, len(INSTRUMENTS))
    model = INSTRUMENTS[place]
    if not dozen:
        return model
    return replace(
        model,
        symbol=f"{model.base}{dozen + 1}-USD",
        name=f"{model.name} {dozen + 1}",
        rate=max(model.rate / (dozen + 1), _QUIETEST),
        phase=(model.phase + dozen / 5) % 1,
    )


def _quoted(instrument: Instrument, quote: str) -> Instrument:
    return replace(instrument, symbol=f"{instrument.base}-{quote}")
