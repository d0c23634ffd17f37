"""Rehearsals: a definition driven from beginning to end where nobody is reached and time is not waited for."""
