"""How the map of who needs whom becomes known: evidence merged into one map, its history, what is odd in it, and suggestions."""
