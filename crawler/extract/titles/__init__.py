"""A story's headline: its witnesses, weighed, and cleaned of what a page puts around it."""
