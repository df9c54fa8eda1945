"""What each line of a page is: story, boilerplate, metadata, a flag."""
