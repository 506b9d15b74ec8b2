"""Livermore: a self-hosted crypto market-data and signal server on a supervised actor tree."""

__version__ = "0.1.0"
