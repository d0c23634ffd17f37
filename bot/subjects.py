"""The card of a subject, from its newest state: what the outbox keeps up to date is drawn here, by the subject's kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.cards import advice, alert, approval, call, connection, doubt, map, oncall, quality, reroute, run, silence, workflow
from bot.cards.card import Bold, Card, CodeBlock, KeptFile, Part, Tone
from bot.cards.draw import DRAWINGS
from bot.cards.words import headline, said
from bot.charted import with_charts
from engine.commands.advising import shown as advice_shown
from engine.commands.advising import workflow_id
from engine.commands.alert_quality import judged, span_of
from engine.commands.alerting import shown as alert_shown
from engine.commands.connecting import meant_by
from engine.commands.connecting import shown as connection_shown
from engine.commands.drafting import preview
from engine.commands.house import House
from engine.commands.maintaining import shown as silence_shown
from engine.commands.map_suggestions import shown as suggestions_shown
from engine.commands.reported import reported
from engine.commands.rerouted import shown as reroutes_shown
from engine.commands.rostering import shown as on_call_shown
from engine.commands.show_run import shown as run_shown
from engine.commands.show_workflow import shown as workflow_shown
from engine.errors import NotFound
from engine.monitoring.incident import incident
from engine.monitoring.report import What
from engine.ports import Pictures
from engine.workflow.definition import Json

KINDS = {
    "prv": "draft",
    "run": "run",
    "alr": "alert",
    "wf": "workflow",
    "dbt": "doubt",
    "apr": "approval",
    "con": "connection",
    "sil": "silence",
    "qua": "quality",
    "rota": "rota",
    "sug": "suggestions",
    "adv": "advice",
    "put": "reroutes",
}
GONE = "This card belongs to something that is not known here any more. Ask again to get a fresh one."
LONGEST_TITLE = 150
FILE_LANGUAGES = {
    "yml": "yaml",
    "yaml": "yaml",
    "json": "json",
    "md": "markdown",
    "py": "python",
    "diff": "diff",
    "sh": "bash",
    "xml": "xml",
}


async def card_of(house: House, kind: str, subject: str, payload: Mapping[str, Json], pictures: Pictures | None = None) -> Card:
    """Raises NotFound when the subject is gone. ``pictures``: who draws charts; without them their words stand alone."""
    match kind:
        case "draft":
            draft = await house.store.drafts.get(subject)
            if draft:
                return workflow.preview(await preview(house, draft))
        case "run":
            record = await house.store.runs.get(subject)
            if record:
                return run.run(await run_shown(house, record))
        case "alert":
            one = await house.store.alerts.get(subject)
            if one:
                return alert.alert(await alert_shown(house, one))
        case "workflow":
            flow = await house.store.workflows.get(subject)
            if flow:
                return workflow.workflow(await workflow_shown(house, flow))
        case "doubt":
            return await doubt.doubt(house, subject, payload)
        case "approval":
            return await approval.approval(house, subject, payload)
        case "connection":
            return connection.connection(connection_shown(house, *meant_by(subject)))
        case "quality":
            return quality.quality(await judged(house, *span_of(subject)))
        case "report":
            since, until = (datetime.fromisoformat(str(payload[name])) for name in ("since", "until"))
            result = await reported(house, What(str(payload["what"])), since, until, str(payload["timezone"]))
            return await with_charts(DRAWINGS[type(result)](result), result, pictures)
        case "silence":
            return silence.silence(await silence_shown(house, subject))
        case "reroutes":
            return reroute.reroutes(await reroutes_shown(house.store, subject))
        case "suggestions":
            ids = payload.get("ids")
            asked = [str(one) for one in ids] if isinstance(ids, list) else None
            return map.suggestions(await suggestions_shown(house, subject, house.map(), asked))
        case "advice":
            flow = await house.store.workflows.get(workflow_id(subject))
            if flow:
                return advice.advice(await advice_shown(house, flow))
        case "call":
            members = await house.store.alerts.of_incident(str(payload["alert"]))
            if any(one.id == payload["alert"] for one in members):
                return call.call(payload, incident(members))
        case "handover":
            return oncall.handover(payload)
        case "rota":
            return oncall.on_call(await on_call_shown(house))
        case "note":
            return note(payload, await _workflow_name(house, payload), await _kept(house, payload))
    raise NotFound(GONE)


async def _workflow_name(house: House, payload: Mapping[str, Json]) -> str:
    workflow = await house.store.workflows.get(str(payload["workflow"])) if payload.get("workflow") else None
    return workflow.name if workflow else ""


async def _kept(house: House, payload: Mapping[str, Json]) -> tuple[Part, ...]:
    """The kept file that a note hands out."""
    said_of = payload.get("file")
    if not isinstance(said_of, dict) or not said_of.get("id"):
        return ()
    file = await house.store.files.get(str(said_of["id"]))
    if file is None:
        return (said(f"The file {said_of.get('name') or ''} is not kept any more."),)
    return (KeptFile(file.id, str(said_of.get("name") or file.name), file.size, await house.store.files.read(file.id)),)


def note(payload: Mapping[str, Json], workflow: str = "", files: Sequence[Part] = ()) -> Card:
    """Words somebody had us say: ``text``, perhaps ``title``, ``tone``, ``code``, ``file`` ({name, text}, or {name, id} of a kept one, which comes in
    ``files``). ``workflow``: its name.
    """
    text = str(payload.get("text") or "").strip()
    title = str(payload.get("title") or "").strip()
    if not title:
        title, text = _split(text)
    tone = str(payload.get("tone") or "neutral")
    body: list[Part] = [said(text)] if text else []
    if payload.get("code"):
        body.append(CodeBlock(str(payload["code"])))
    body += files or _file(payload.get("file"))
    return Card(
        title=headline(title, "Message"),
        body=tuple(body),
        tone=Tone(tone) if tone in list(Tone) else Tone.NEUTRAL,
        footer=("from the workflow ", Bold(workflow)) if workflow else (),
    )


def _split(text: str) -> tuple[str, str]:
    """The first line is the title, unless it is a paragraph."""
    first, _, rest = text.partition("\n")
    return ("Message", text) if len(first) > LONGEST_TITLE else (first, rest.strip("\n"))


def _file(file: Json) -> list[Part]:
    """What was uploaded, as text that a face shows or offers as a file."""
    if not isinstance(file, dict):
        return []
    name = str(file.get("name") or "file")
    return [said(Bold(name)), CodeBlock(str(file.get("text") or ""), FILE_LANGUAGES.get(name.rpartition(".")[2].lower(), ""))]
