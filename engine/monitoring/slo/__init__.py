"""Objectives: what is promised, how much of the error budget is spent, and how fast it burns. Pure."""
