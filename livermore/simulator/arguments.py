"""The command line of the simulated exchange."""

import argparse
from pathlib import Path

from livermore.simulator.binance_venue import VENUES
from livermore.simulator.instruments import INSTRUMENTS

KEY = (
    "a key that opens the account: on Coinbase with its public key in PEM form, on Binance with its secret; without "
    "any a Coinbase does not look at who has signed"
)


def read_arguments() -> argparse.Namespace:
    """What the process was started with; ends it with code 2 if that makes no sense."""
    parser = argparse.ArgumentParser(prog="python -m livermore.simulator", description="A simulated exchange.")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", type=port, default=0, help="0, the default, takes a free one")
    parser.add_argument("--protocol", choices=("coinbase", "binance"), default="coinbase", help="whose (coinbase)")
    parser.add_argument("--venue", choices=VENUES, default="com", help="which Binance: limits and pings (com)")
    parser.add_argument("--symbols", type=count, default=len(INSTRUMENTS), metavar="N", help="how many (12)")
    parser.add_argument("--seed", type=int, default=1, help="which market (1)")
    parser.add_argument("--record", type=Path, metavar="FILE.jsonl", help="replay this recording instead of a market")
    parser.add_argument("--key", type=key, action="append", default=[], metavar="NAME=KEY", help=KEY)
    parser.add_argument("--tls-dir", type=Path, metavar="DIR", help="serve TLS; the certificates are made there")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input does")
    arguments = parser.parse_args()
    if arguments.record is not None and arguments.protocol != "coinbase":
        parser.error("--record replays Coinbase's wire; leave --protocol out")
    return arguments


def key(text: str) -> tuple[str, str]:
    """Read the name of a key, and what is known of it.

    Raises:
        ValueError: there is no name, or nothing else.
    """
    name, equals, known = text.partition("=")
    if not (name and equals and known):
        raise ValueError(text)
    return name, known


def port(text: str) -> int:
    """Read a port number.

    Raises:
        ValueError: the text is none.
    """
    number = int(text)
    if not 0 <= number < 65_536:
        raise ValueError(text)
    return number


def count(text: str) -> int:
    """Read how many there shall be.

    Raises:
        ValueError: the text is no number above 0.
    """
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
