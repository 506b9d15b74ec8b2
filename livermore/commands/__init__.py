"""The commands of the command line: one file each, with its ``ABOUT``, its ``arguments`` and its ``do``."""
