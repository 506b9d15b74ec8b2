"""Tests of the shape of the program: its layers, its plugins, its style."""
