"""Trying whether an exchange answers."""

KINDS = ()
