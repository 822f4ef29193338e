"""`ohmstead scenario`: files that say what is done at stations and what must come of it."""
