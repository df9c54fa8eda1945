"""Each reader says what one witness on a page believes the article is: raw strings, unjudged."""
