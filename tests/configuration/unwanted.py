"""A module of a mode that is not chosen: nobody imports it."""

from tests.configuration.actors import Deaf


class Unwanted(Deaf):
    """An actor of another mode."""
