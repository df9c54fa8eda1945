"""The service in the foreground: its ticks, its roles, its signals."""
