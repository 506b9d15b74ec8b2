"""What holds whatever happens: one invariant a file, with a function ``broken`` that says where it does not."""
