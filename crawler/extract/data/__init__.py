"""Names of places, platform hooks, and the command that builds them."""
