"""What is kept of what came in, the same whichever store keeps it."""

from __future__ import annotations

DELIVERIES = "hook:"  # keys of what services sent; it is kept until pruned, so that a changed workflow can be tried on it
