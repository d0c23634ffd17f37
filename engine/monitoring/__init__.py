"""Samples, health, detection and the life of an alert. Pure values, no clock, no disk."""
