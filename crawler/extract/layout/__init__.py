"""A parsed page laid out: its blocks and their containers, in one walk. Pure."""
