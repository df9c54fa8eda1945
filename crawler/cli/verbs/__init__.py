"""The verbs, a module for each: `kliping search` is `search`."""
