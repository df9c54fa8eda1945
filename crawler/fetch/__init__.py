"""A link -> its capture: client, wire tap, address guard, robots."""
