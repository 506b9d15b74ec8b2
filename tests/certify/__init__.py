"""The simulated exchange, certified by clients that others wrote: `make certify`."""
