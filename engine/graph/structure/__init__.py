"""Who needs whom as pure mathematics: which of several things is enough, what falls with what, and how often that is to be expected."""
