"""A sentence read as a command that is already known: only what the command needs is looked for in it."""

from __future__ import annotations

import re

from intents.grammar.evidence import Weighed, answered
from intents.grammar.fallbacks import fallback_said
from intents.grammar.families import FAMILIES
from intents.grammar.request import Answer, Request
from intents.grammar.slots import find_slots
from intents.text import LINK

SURE = 0.8


def read_told(command: str, request: Request) -> Answer | None:
    """``command`` with what the sentence names for it; asked about where a target is missing. None for a command that is no one's here."""
    family = next((one for one in FAMILIES if one.command == command), None)
    deed = re.match("", request.text)
    assert deed is not None  # an empty pattern matches everything
    if family is None:
        return fallback_said(request) if command == "set_fallback" else None
    if "alert" in family.kinds and re.search(LINK, request.text) and not request.services:
        return None  # a page is no alert
    return answered(Weighed(family=family, score=0.0, deed=deed, slots=find_slots(request, request.text)), request, SURE)
