"""The bodies and answers of the API, as the published description shows them."""
