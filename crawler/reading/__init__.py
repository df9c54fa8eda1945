"""What is made of a capture: new links, or a version of an article."""
