"""From words to commands. Imports the hall, never another room."""
