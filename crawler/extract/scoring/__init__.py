"""How likely each block of a page is part of its story, learned from annotated pages."""
