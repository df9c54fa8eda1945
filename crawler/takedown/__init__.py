"""Take articles down: what commands, the API and the pages share."""
