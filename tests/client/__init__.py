"""Tests of the client, against fronts that really listen."""
