"""Tests of livermore.exchanges."""
