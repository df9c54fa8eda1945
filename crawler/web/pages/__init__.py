"""The HTML pages, a module for each."""
