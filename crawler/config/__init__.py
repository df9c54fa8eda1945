"""The settings: their tree, the file and the environment they come from, what holds for a source."""
