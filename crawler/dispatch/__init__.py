"""Where visits run: in this process, or on an engine."""
