"""Whether sources still bring what they used to: what a day brought, what is usual, signs."""
