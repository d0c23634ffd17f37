"""Reads whatever catalogue it is given: finds out how it is written, then reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from engine.errors import Invalid, Problem
from engine.graph.declared import traces
from engine.graph.declared.backstage import is_entity, read_backstage
from engine.graph.declared.compose import is_compose, read_compose
from engine.graph.declared.door import text_of
from engine.graph.declared.gathering import Gathering
from engine.graph.declared.known import NOTHING_KNOWN, Known
from engine.graph.declared.names import clean, quoted
from engine.graph.declared.nodes import Node, from_json
from engine.graph.declared.own import is_own, read_own
from engine.graph.declared.reading import Form, Reading
from engine.graph.declared.table import heading_of, read_table
from engine.graph.declared.yaml_documents import Documents, read_documents

UNDERSTOOD = (
    "Understood are: a Backstage catalog-info.yaml, a docker compose file, a service graph of OpenTelemetry (Prometheus text or JSON, or a JSON "
    "list of client and server), a CSV table with the columns from and to, and Signalbox's own map."
)
_METRIC = re.compile(rf"^\s*{traces.METRIC}\w+\s*\{{", re.MULTILINE)
_ANOTHER = object()  # text that looks like JSON and is not


def read_declared(
    data: bytes | str, *, origin: str = "", at: datetime | None = None, known: Known = NOTHING_KNOWN, hours: float | None = None
) -> Reading:
    """``origin``: the file's name and who handed it over, as evidence will say. ``at``: now, in UTC. ``hours``: what counters are counted over.

    What is right is kept, what is not is told in ``Reading.lost``. Raises Invalid, saying what is understood, for a file of which nothing can
    be read, and for one beyond the bounds: 16 MiB (YAML 4 MiB), 200,000 values in YAML and JSON maps, 5,000 documents, 20,000 components,
    200,000 lines. Takes up to some seconds at the bounds; run it beside the loop.
    """
    if hours is not None and not 0 < hours <= 24 * 366 * 10:
        raise Invalid("The hours that calls are counted over are a number above 0.")
    found = text_of(data)
    gathering = Gathering(Form.OWN, clean(origin, 200), at, known)
    for problem in found.remarks:
        gathering.doubt(problem.message, problem.line)
    _read(found.text, gathering, hours)
    reading = gathering.reading()
    if not (reading.components or reading.lines or reading.alternatives):
        raise Invalid("Nothing of this file could be read.", reading.problems or [Problem(UNDERSTOOD)])
    return reading


def _read(text: str, gathering: Gathering, hours: float | None) -> None:
    if text.lstrip()[:1] in ("{", "[") and (raw := _json(text, gathering)) is not _ANOTHER:
        _read_json(raw, gathering, hours)
    elif _METRIC.search(text):
        gathering.form = Form.TRACES
        traces.read_metrics(text, gathering, hours=hours)
    elif heading_of(text) is not None:
        gathering.form = Form.TABLE
        read_table(text, gathering)
    else:
        _read_yaml(read_documents(text), gathering)


def _json(text: str, gathering: Gathering) -> Any:
    """The value, or _ANOTHER where it is no JSON: YAML may begin with a brace too."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            seen: set[str] = set()
            twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            gathering.doubt(f"{quoted(twice)} is said twice in one mapping; the later one counts.")
        return made

    try:
        return json.loads(text, object_pairs_hook=once)
    except RecursionError as error:
        raise Invalid("The JSON is nested too deeply.") from error
    except ValueError:
        return _ANOTHER


def _read_json(raw: Any, gathering: Gathering, hours: float | None) -> None:
    if traces.series_of(raw) is not None or traces.list_of(raw):
        gathering.form = Form.TRACES
        traces.read_calls(raw, gathering, hours=hours)
        return
    if isinstance(raw, dict) and raw.get("status") == "error":
        raise Invalid(f"This is an error of Prometheus, not an answer: {clean(str(raw.get('error', '')), 200)}.")
    _choose([from_json(raw)], gathering)


def _read_yaml(documents: Documents, gathering: Gathering) -> None:
    for problem in documents.lost:
        gathering.lost(problem.message, problem.line)
    for problem in documents.doubts:
        gathering.doubt(problem.message, problem.line)
    if documents.nodes:
        _choose(documents.nodes, gathering)
    elif documents.lost:
        raise Invalid("Nothing of this file could be read.", documents.lost)


def _choose(documents: Sequence[Node], gathering: Gathering) -> None:
    """By the first document that is known; others of another form are told."""
    forms = [_form(document) for document in documents]
    chosen = next((form for form in forms if form is not None), None)
    if chosen is None:
        raise Invalid("This is none of the catalogues that are understood.", [Problem(UNDERSTOOD, line=documents[0].line)])
    gathering.form = chosen
    fitting = [document for document, form in zip(documents, forms, strict=True) if form is chosen]
    for document, form in zip(documents, forms, strict=True):
        if form is not chosen:
            gathering.lost(f"This document is not part of {chosen.label}.", document.line)
    _READERS[chosen](fitting, gathering)


def _form(document: Node) -> Form | None:
    if is_entity(document) or any(is_entity(one) for one in (*document.items[:50], *document.get("items").items[:50])):
        return Form.BACKSTAGE
    return Form.OWN if is_own(document) else Form.COMPOSE if is_compose(document) else None


def _each(read: Callable[[Node, Gathering], None]) -> Callable[[Sequence[Node], Gathering], None]:
    def all_of_them(documents: Sequence[Node], gathering: Gathering) -> None:
        for document in documents:
            read(document, gathering)

    return all_of_them


_READERS: dict[Form, Callable[[Sequence[Node], Gathering], None]] = {
    Form.BACKSTAGE: read_backstage,
    Form.COMPOSE: _each(read_compose),
    Form.OWN: _each(read_own),
}
