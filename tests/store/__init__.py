"""Tests of livermore.store."""
