"""Detection on the samples of one account: failures, slowness and traffic, each decided by evidence that adds up."""
