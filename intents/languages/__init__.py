"""Sentences in other languages, rewritten into the English words that the grammar reads; the languages are data files in this folder."""
