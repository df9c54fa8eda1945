"""Scripts in everything that is archived, and a browser that would run them."""
