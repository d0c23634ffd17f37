"""Slack on loopback: Web API, Socket Mode and signed HTTP as the real one behaves, for tests and benchmarks; it fails loudly."""
