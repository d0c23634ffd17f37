"""How the map becomes known."""
