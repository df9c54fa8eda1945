"""Tables of words, with their sources, and the commands that build them."""
