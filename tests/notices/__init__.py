"""Tests of what people are told, and of how it reaches them."""
