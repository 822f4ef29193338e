"""What a station that tries to connect does, and what is wrong with it."""
