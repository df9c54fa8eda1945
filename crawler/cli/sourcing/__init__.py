"""Sources for their commands: found, tried, entered, listed."""
