"""Rehearsal decides: what is to be tried, how it is told, what differs between two versions; ``engine.runtime.rehearsal`` drives it."""
