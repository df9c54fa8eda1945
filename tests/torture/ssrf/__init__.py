"""Ways to make the service ask what it must not, in a network of its own."""
