"""The REST API: the seed's endpoints and ours, for programs that hold the token."""
