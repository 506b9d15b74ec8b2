"""Names of Redis keys. The braces are literal: all keys of one exchange share a slot of a Redis Cluster."""

from livermore.market.candle import Series


class Keys:
    """The keys of the exchange with this numeric id (``exchanges.id`` in SQL)."""

    def __init__(self, exchange_id: int) -> None:
        self.exchange_id = exchange_id
        tag = f"{{{exchange_id}}}"
        self.lease = f"exchange:{tag}:lease"
        self.fence = f"exchange:{tag}:fence"
        self.status = f"exchange:{tag}:status"
        self.schema = f"schema:{tag}"
        self.events = f"events:{tag}"
        self.cursors = f"cursors:{tag}"
        self.rewrites = f"rewrites:{tag}"
        self.symbols = f"symbols:{tag}"
        self.outbox = f"alerts:{tag}:outbox"
        self.alert_state = f"alerts:{tag}:state"
        self.ticks = f"ticks:{tag}"
        self.gaps = f"gaps:{tag}"
        self.doubts = f"gaps:{tag}:open"
        self.outage = f"feed:{tag}:outage"
        self.directives = f"directives:{tag}"
        self.instances = f"exchange:{tag}:instances"
        self.history = f"exchange:{tag}:history"
        self.commands = f"commands:{tag}"
        self.responses = f"responses:{tag}"
        self.warmup = f"warmup:{tag}:stats"
        self.window = f"events:{tag}:window"
        self._tag = tag

    def candles(self, series: Series) -> str:
        return self.candles_of(str(series))

    def candles_of(self, series: str) -> str:
        """The same by the name of a series, ``SYMBOL:TIMEFRAME``."""
        return f"candles:{self._tag}:{series}"

    def gaps_of(self, series: Series) -> str:
        """The newest gaps of one series."""
        return f"gaps:{self._tag}:{series}"

    def indicator(self, series: Series, kind: str) -> str:
        return f"indicator:{self._tag}:{series}:{kind}"

    def trail(self, series: Series, kind: str) -> str:
        """The newest values of an indicator, for drawing."""
        return f"indicator:{self._tag}:{series}:{kind}:trail"

    def ticker(self, symbol: str) -> str:
        return f"ticker:{self._tag}:{symbol}"

    def rest(self, origin: str) -> str:
        """The token bucket for requests from one IP address of one machine."""
        return f"rest:{self._tag}:{origin}"

    def command(self, correlation_id: str) -> str:
        """Who has taken a command, and in the end what came of it."""
        return f"commands:{self._tag}:{correlation_id}"

    def deliverer(self, group: str) -> str:
        """Whose turn it is to deliver, of all processes that could."""
        return f"alerts:{self._tag}:deliverer:{group}"

    def notices(self, part: str, name: str = "") -> str:
        """What waits to be told: ``part`` of the target of this name, or of all targets."""
        return f"notices:{self._tag}:{part}:{name}" if name else f"notices:{self._tag}:{part}"

    @property
    def rest_rate(self) -> str:
        """How many tokens a second the exchange says that it gives."""
        return f"rest:{self._tag}:rate"


def activity(exchange: str) -> str:
    """The activity log of an exchange, by its name."""
    return f"logs:network:{exchange}"


def allowance(key_id: str) -> str:
    """What an API key may still ask: its token bucket."""
    return f"api_keys:{{{key_id}}}:allowance"


PROGRAM_LOG = "logs:program"
"""The newest log lines of all processes on these stores."""
KEYS_CHANGED = "api_keys:changed"
"""The channel on which the id of every API key is told that was revoked, or given an end."""
