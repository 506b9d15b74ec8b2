"""Markets as pure values and rules: no clock, no socket, no thread."""
