"""One fault a file; the file's name is the fault's."""
