"""Tests of livermore.supervision."""
