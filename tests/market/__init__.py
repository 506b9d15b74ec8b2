"""Tests of livermore.market."""
