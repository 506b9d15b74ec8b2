"""Livermore as from the command line, but that a front looks keys and exchanges up anew every 2 seconds."""

import sys

from livermore.cli import main
from livermore.http import directory, keyring

KEPT = 2.0

if __name__ == "__main__":
    keyring.KEPT = directory.EXCHANGES_KEPT = KEPT
    sys.exit(main())
