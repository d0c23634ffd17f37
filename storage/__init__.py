"""Durable memory: one file a noun. Imports the hall, never another room."""
