"""The grammar: readers for the parts of a request. Pure; each takes text in which quotes, links and services are single characters."""
