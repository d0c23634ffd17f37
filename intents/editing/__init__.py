"""A definition changed by a sentence: “also tell #sales”, “only on weekdays”, “use Asana instead of Trello”. Pure."""

from __future__ import annotations

from intents.editing.read import read_edit
from intents.editing.same import same_for
from intents.editing.work import Edited, Question

__all__ = ["Edited", "Question", "read_edit", "same_for"]
