"""Recordings of what an exchange has said: making them, reading them, and running the pure pipeline on them."""
