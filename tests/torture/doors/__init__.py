"""The archive's standard doors, asked by other people's tools and an own client."""
