"""`ohmstead run`: a station that runs, with everything around it."""
