"""The simulated exchange: Coinbase's real protocol over a market that is a function of seed, symbol and time."""
