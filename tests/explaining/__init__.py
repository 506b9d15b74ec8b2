"""Tests of the explanations of alerts."""
