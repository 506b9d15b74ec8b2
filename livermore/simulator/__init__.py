"""The simulated exchange: Coinbase's or Binance's protocol over a market that is a function of seed, symbol, time."""
