"""What comes: trends, the time until a limit is reached, and whether an account is about to fail. Pure; “not enough data” is an answer."""
