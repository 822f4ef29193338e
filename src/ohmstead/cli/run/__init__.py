"""`ohmstead run`: a station that lives, with everything around it."""
