"""Tests of what is shipped beside the program: the installer, the wheel, and the files of `deploy/`."""
