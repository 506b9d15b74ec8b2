"""Why an alert was raised: what was written down with it, beside what the stores hold of its candles by now."""
