"""What workflows, services and teams did in a time, what it was worth, and whether that has changed."""
