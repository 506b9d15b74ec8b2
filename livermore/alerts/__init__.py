"""Alert rules: pure decisions over two neighbouring signal values, one file each."""
