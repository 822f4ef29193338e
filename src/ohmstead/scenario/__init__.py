"""Scenarios: a file says what is done at stations and what must come of it; it runs in virtual time or in real time."""
