"""Mutation testing: small changes to `model/` and `blocks/`, one at a time, and whether a test notices."""
