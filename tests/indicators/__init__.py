"""Tests of livermore.indicators."""
