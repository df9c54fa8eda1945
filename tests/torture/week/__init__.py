"""A simulated week of many sites, and what their servers saw of it."""
