"""What a front can serve: one file for each word of its option ``routes``, with its table in ``ROUTES``."""
