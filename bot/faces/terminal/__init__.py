"""The terminal as a face: cards in text, a prompt, and the command line's own words."""
