"""Tests of what commands do, without a process where that is possible."""
