"""Mail as a place where cards can be sent: the second way for what is urgent, and a first one for who wants it."""
