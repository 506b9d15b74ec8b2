"""``python -m livermore``."""

import os
import sys

from livermore.cli import main
from livermore.supervision.fork_server import tidy

if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    tidy()
    os._exit(code)  # a thread that hangs, or waits for a dead server, must not keep the process
