"""The local web chat: a page of our own, live by server-sent events."""
