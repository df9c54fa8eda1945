"""The web face: pages to read in, and a small API for the command line."""
