"""Pictures (PNG and SVG), drawn in a process pool."""
