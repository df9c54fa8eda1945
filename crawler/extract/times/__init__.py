"""When a story was published and changed, from all that a page says of it. Pure."""
