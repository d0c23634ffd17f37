"""Everything the house can be asked: one file a command, found by walking."""
