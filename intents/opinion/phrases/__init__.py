"""What people may say, made by us: the sentences that the second reader learns from. Nothing here is needed to read."""
