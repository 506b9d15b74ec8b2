"""Tests of the whole: real actors, real stores, a simulated exchange."""
