"""Tests of livermore.alerts."""
