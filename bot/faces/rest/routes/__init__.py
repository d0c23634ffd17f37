"""The endpoints, one file a topic; each gives a router over the face."""
