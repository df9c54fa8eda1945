"""Articles of many pages: the other pages that one names, and all of them joined. Pure."""
