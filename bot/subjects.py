"""The card of a subject, from its newest state: what the outbox keeps up to date is drawn here, by the subject's kind."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards import alert, approval, run, workflow
from bot.cards.card import Card, Code, CodeBlock, Part, Text, Tone
from bot.cards.words import said
from engine.commands.command import AlertShown
from engine.commands.drafting import preview
from engine.commands.house import House
from engine.commands.show_run import shown as run_shown
from engine.commands.show_workflow import shown as workflow_shown
from engine.errors import NotFound
from engine.workflow.definition import Json

KINDS = {"prv": "draft", "run": "run", "alr": "alert", "wf": "workflow", "dbt": "doubt", "apr": "approval"}
GONE = "This card belongs to something that is not known here any more."


async def card_of(house: House, kind: str, subject: str, payload: Mapping[str, Json]) -> Card:
    """Raises NotFound when the subject is gone."""
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
                return alert.alert(AlertShown(alert=one))
        case "workflow":
            flow = await house.store.workflows.get(subject)
            if flow:
                return workflow.workflow(await workflow_shown(house, flow))
        case "doubt":
            return await approval.doubt(house, subject, payload)
        case "approval":
            return await approval.approval(house, subject, payload)
        case "note":
            return note(payload)
    raise NotFound(GONE)


def note(payload: Mapping[str, Json]) -> Card:
    """Words somebody had us say: ``text``, perhaps ``title``, ``tone``, ``code``, ``sandbox``."""
    text = str(payload.get("text") or "")
    title = str(payload.get("title") or "")
    if not title:
        title, _, text = text.partition("\n")
        if len(title) > 150:
            title, text = "Message", str(payload.get("text"))
    tone = str(payload.get("tone") or "neutral")
    body: list[Part] = [said(text)] if text.strip() else []
    if payload.get("code"):
        body.append(CodeBlock(str(payload["code"])))
    footer = (Text(("from the workflow ", Code(str(payload["workflow"]))), small=True),) if payload.get("workflow") else ()
    return Card(title=title or "…", body=(*body, *footer), tone=Tone(tone) if tone in list(Tone) else Tone.NEUTRAL)


