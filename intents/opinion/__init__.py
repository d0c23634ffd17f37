"""The second opinion: a small reader of its own, learnt from our own sentences, that never asks the grammar."""

from intents.opinion.neighbours import Examples
from intents.opinion.opinion import Opinion
from intents.opinion.view import Agreement, Example, Guess, Neighbour, View, agrees

__all__ = ["Agreement", "Example", "Examples", "Guess", "Neighbour", "Opinion", "View", "agrees"]
