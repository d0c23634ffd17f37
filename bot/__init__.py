"""Every face the house shows. Imports the hall, never another room."""
