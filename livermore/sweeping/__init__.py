"""Retention: how long each kind of data is kept, and what removes it afterwards."""
