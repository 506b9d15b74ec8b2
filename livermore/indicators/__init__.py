"""Indicators over closed candles: pure numpy, one file each."""
