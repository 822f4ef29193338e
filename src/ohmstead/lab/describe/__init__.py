"""A station that nobody knows yet: what it is, and what the lab will be able to test of it."""
