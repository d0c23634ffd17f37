"""How long will the next run take? From its own runs, and from its steps where those are few."""
