"""Speed, as a ratio to a reference that is measured beside it in the same run: ``python -m bench [name ...]``."""
