"""The world's services: one folder each, found by walking. Imports the hall, never another room."""
