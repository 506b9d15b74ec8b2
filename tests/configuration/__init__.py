"""Tests of the configuration: strict YAML, variables, options, trees."""
