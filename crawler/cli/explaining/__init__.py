"""Why a page is read as it is: found, and shown to people."""
