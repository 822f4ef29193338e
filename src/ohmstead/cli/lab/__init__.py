"""`ohmstead lab`: campaigns, judging, performance."""
