"""Workflows: their definitions, the facts of their runs, and what to do next. Pure values, no clock, no disk."""
