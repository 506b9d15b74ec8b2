"""Tests of recordings: their file, and the pipeline that runs on them."""
