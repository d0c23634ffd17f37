"""What people and tools declare about who needs whom: the values, and the doors through which catalogues come in and go out."""
