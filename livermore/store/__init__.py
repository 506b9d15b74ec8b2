"""Redis and SQL: what is stored where, in which form, and who may write it."""
