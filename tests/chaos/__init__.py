"""Chaos: faults on every wire, seeded nights of them, and the invariants that hold all the same."""
