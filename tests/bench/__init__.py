"""Tests of the benchmarks' harness: what is measured is not tested here."""
