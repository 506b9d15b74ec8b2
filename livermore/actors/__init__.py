"""The actors: one file each. They tell each other nothing but messages, and import nothing of each other."""
