"""Conformance tests: the numbered cases of the specification of supervision, one test or more for each."""
