"""Policies as values: retry, limits. Time and dice are passed in; somebody else sleeps."""
