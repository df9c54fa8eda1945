"""A generated news web on loopback, and who serves it."""
