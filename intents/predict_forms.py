"""Forecasts of runs as they are typed: ``/predict release tomorrow 9:00``, ``/predict calibration``."""

from __future__ import annotations

import re
from collections.abc import Callable

from intents.grammar.request import Answer, known_name
from intents.grammar.source import Source
from intents.named import whole_name
from intents.when import whole_moment

MakeSource = Callable[[str], Source]

_CALIBRATION = re.compile(r"^calibration(?:\s+(?:of|for)?\s*(?P<name>\S.*))?$", re.IGNORECASE | re.DOTALL)
_IMPROVE = re.compile(r"^(?:improve|optimi[sz]e)\s+(?P<name>\S.*)$", re.IGNORECASE | re.DOTALL)
_AT = re.compile(r"^(?P<name>.+?)\s+(?P<when>(?:at|on|tomorrow|today|tonight|next)\b.*)$", re.IGNORECASE | re.DOTALL)


def predict(words: str, make: MakeSource) -> Answer:
    """``/predict [WORKFLOW [when] | calibration [WORKFLOW] | improve WORKFLOW]``."""
    rest = words.strip()
    if not rest:
        return Answer("predict_run", {})
    if (asked := _CALIBRATION.match(rest)) is not None and not known_name(rest, make(rest).workflows):
        return Answer("show_calibration", {"workflow": whole_name(make(asked["name"]))} if asked["name"] else {})
    if (asked := _IMPROVE.match(rest)) is not None and not known_name(rest, make(rest).workflows):
        return Answer("optimize_workflow", {"workflow": whole_name(make(asked["name"]))})
    source = make(rest)
    parts = _AT.match(rest) if not known_name(rest, source.workflows) or re.search(r"\d|tomorrow|tonight", rest) else None
    if parts is not None:
        moment = whole_moment(parts["when"], source.now, source.timezone)
        if moment is not None and moment.problem:
            return Answer("predict_run", {"workflow": whole_name(make(parts["name"]))}, moment.problem, "at", 0.9)
        if moment is not None:
            return Answer("predict_run", {"workflow": whole_name(make(parts["name"])), "at": moment.at.isoformat(timespec="seconds")})
    return Answer("predict_run", {"workflow": whole_name(source)})
