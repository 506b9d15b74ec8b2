"""A module that cannot be imported."""

raise RuntimeError("it fell apart")
