"""The words a language model is given; data, read once."""
