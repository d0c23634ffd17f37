"""What HubSpot's description cannot say: stages by their names, properties as texts, and events that come as ids and are completed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any

from connectors._kit.custom import Ask, Custom, Delivered, Told, Tools
from connectors._kit.description import Request
from connectors._kit.nearest import did_you_mean
from connectors._kit.picking import at
from engine.errors import NotFound, Rejected, Transient
from engine.workflow.definition import Json

TO_CONTACT = {"deals": 3, "tickets": 16, "notes": 202}  # HubSpot's numbers for “this is about that contact”
TO_DEAL = {"notes": 214}
KNOWN_STAGES = frozenset(
    "appointmentscheduled qualifiedtobuy presentationscheduled decisionmakerboughtin contractsent closedwon closedlost".split()  # noqa: SIM905
)
CONTACT_PROPERTIES = "email,firstname,lastname,company,phone,country,hs_analytics_source,lifecyclestage,hubspot_owner_id"
DEAL_PROPERTIES = "dealname,amount,dealstage,pipeline,deal_currency_code,hubspot_owner_id,createdate,hs_v2_date_entered_current_stage"
OBJECTS = {"0-1": "contact", "0-3": "deal"}
PORTAL_PATHS = {"contacts": "0-1", "deals": "0-3"}
REMEMBER = 600.0  # seconds that pipelines and owners are taken as still true
OVERLAP = 180.0  # seconds that a poll looks back: what is new is searchable only after a while
SEEN = 2_000
PAGES_OF_A_LOOK = 3
CLOCKS = timedelta(seconds=90)
JUST_MADE = 5.0  # seconds in which a new deal enters its first stage

READ = Request(
    method="GET",
    path="/crm/v3/objects/{object}/{id}",
    query={"properties": "{properties}", "associations": "{associations}", "propertiesWithHistory": "{history}"},
)
FIND = Request(
    method="POST",
    path="/crm/v3/objects/{object}/search",
    body={
        "filterGroups": [{"filters": [{"propertyName": "{by}", "operator": "GTE", "value": "{since}"}]}],
        "sorts": ["{by}"],
        "properties": "{properties}",
        "limit": 100,
        "after": "{after}",
    },
)


# --- what is written ---------------------------------------------------------------------------------------------------


def _texts(said: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, str]:
    """Properties as HubSpot takes them: texts, those that were said only; what is said by an own input goes before ``properties``."""
    further = said.get("properties") or {}
    return {name: _text(value) for name, value in {**further, **own}.items() if value is not None}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ";".join(map(_text, value)) if isinstance(value, list) else str(value)


async def _contact(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    first, _, last = said.get("name", "").strip().partition(" ")
    email = said.get("email")
    own = {
        "email": email.lower() if email else None,
        "firstname": first or None,
        "lastname": last.strip() or None,
        "company": said.get("company"),
        "phone": said.get("phone"),
        "hubspot_owner_id": said.get("owner_id"),
    }
    return {"values": _texts(said, own)}


async def _deal(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    pipeline, stage = await _place(ask, tools, "deals", said.get("stage"))
    own = {
        "dealname": said.get("title"),
        "amount": said.get("amount"),
        "deal_currency_code": said["currency"].upper() if said.get("currency") else None,
        "pipeline": pipeline,
        "dealstage": stage,
        "hubspot_owner_id": said.get("owner_id"),
        "closedate": said.get("due"),
    }
    return {"values": _texts(said, own), "associations": _associated(said, "deals")}


async def _ticket(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    pipeline, status = await _place(ask, tools, "tickets", said.get("status"))
    own = {
        "subject": said["title"],
        "content": said.get("text"),
        "hs_ticket_priority": said["priority"].upper() if said.get("priority") else None,
        "hs_pipeline": pipeline,
        "hs_pipeline_stage": status,
        "hubspot_owner_id": said.get("owner_id"),
    }
    return {"values": _texts(said, own), "associations": _associated(said, "tickets")}


async def _note(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    note = escape(ask.arguments["text"], quote=False).replace("\n", "<br>")
    values = {"hs_note_body": note, "hs_timestamp": tools.clock.now().isoformat()}
    return {"values": values, "associations": _associated(ask.arguments, "notes"), "note": note}


def _associated(said: Mapping[str, Any], kind: str) -> list[Any] | None:
    pairs = [(said.get("contact_id"), TO_CONTACT[kind]), (said.get("deal_id"), TO_DEAL.get(kind))]
    made = [
        {"to": {"id": str(other)}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]}
        for other, number in pairs
        if other is not None and number is not None
    ]
    return made or None


async def _since_ms(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    """The moment of the ask as searches take it, less what clocks may differ by."""
    asked = ask.call.asked_at or tools.clock.now() - timedelta(minutes=10)
    return {"since_ms": str(int((asked - CLOCKS).timestamp() * 1000))}


# --- pipelines and stages ----------------------------------------------------------------------------------------------


async def _pipelines(tools: Tools, kind: str) -> Sequence[Mapping[str, Any]]:
    async def load() -> Any:
        found = (await tools.get(f"/crm/v3/pipelines/{kind}", doing=f"a look at the pipelines of {kind}"))["results"]
        return sorted(found, key=lambda one: one.get("displayOrder", 0))

    pipelines: Sequence[Mapping[str, Any]] = await tools.memory.recall(f"pipelines {kind}", load, seconds=REMEMBER)
    return pipelines


async def _place(ask: Ask, tools: Tools, kind: str, stage: str | None) -> tuple[str | None, str | None]:
    """The ids of pipeline and stage. A new thing needs both, a changed one only what was said; ids of both are taken without asking."""
    said, is_new = ask.arguments, ask.call.operation.startswith("create_")
    pipeline = said.get("pipeline")
    if not pipeline and not stage and not is_new:
        return None, None
    if _is_id(stage) and (_is_id(pipeline) or not (pipeline or is_new)):
        return pipeline, stage
    known = await _pipelines(tools, kind)
    if pipeline:
        among = [_called(known, pipeline, f"pipeline of {kind}")]
    elif is_new or not stage:
        among = list(known)
    else:
        now = await tools.get(f"/crm/v3/objects/{kind}/{said['deal_id']}", {"properties": "pipeline"}, doing="a look at its pipeline")
        among = [one for one in known if one["id"] == at(now, "properties.pipeline")] or list(known)
    chosen, found = _stage(among, stage, kind)
    return (str(chosen["id"]) if is_new or pipeline else None), str(found["id"])


def _is_id(said: str | None) -> bool:
    return said is not None and (said.isdigit() or said == "default" or said in KNOWN_STAGES)


def _stage(among: Sequence[Mapping[str, Any]], said: str | None, kind: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The first pipeline that has the stage; of it, its first stage when none was said."""
    for pipeline in among:
        stages = sorted(pipeline.get("stages") or [], key=lambda one: one.get("displayOrder", 0))
        fitting = [one for one in stages if said is None or _same(one, said)]
        if fitting:
            return pipeline, fitting[0]
    names = [str(stage.get("label")) for pipeline in among for stage in pipeline.get("stages") or []]
    raise NotFound(f"HubSpot has no stage “{said}” in its {kind}.{did_you_mean(said or '', names)}")


def _same(one: Mapping[str, Any], said: str) -> bool:
    return said.strip().casefold() in (str(one.get("label")).strip().casefold(), str(one.get("id")).casefold())


def _called(known: Sequence[Mapping[str, Any]], said: str, what: str) -> Mapping[str, Any]:
    fitting = [one for one in known if _same(one, said)]
    if len(fitting) > 1:
        raise Rejected(f"HubSpot has several {what} called “{said}”. Say its id: {', '.join(str(one['id']) for one in fitting)}.")
    if not fitting:
        raise NotFound(f"HubSpot has no {what} called “{said}”.{did_you_mean(said, [str(one.get('label')) for one in known])}")
    return fitting[0]


# --- what happens over there -------------------------------------------------------------------------------------------


def _happened(event: Any) -> tuple[str, str]:
    """What it tells (a trigger's name, or nothing) and of what object; the older names of subscriptions and the newer ones."""
    kind, _, deed = str(at(event, "subscriptionType") or "").partition(".")
    if kind == "object":
        kind = OBJECTS.get(str(at(event, "objectTypeId")), "")
    if deed == "creation" and kind in ("contact", "deal"):
        return f"{kind}_created", f"{kind}s"
    if kind == "deal" and deed == "propertyChange" and at(event, "propertyName") == "dealstage":
        return "deal_stage_changed", "deals"
    return "", ""


async def _unfold(payload: Any, delivered: Delivered, tools: Tools) -> Sequence[Any]:
    """Each event with what it is about; what is gone meanwhile is left out, as it tells nobody anything."""
    told = []
    for event in payload if isinstance(payload, list) else [payload]:
        name, kind = _happened(event)
        if not name:
            told.append(event)
            continue
        if tools.credentials.account.mode != "live":
            raise Transient("HubSpot's events hold ids only, and it is not connected, so the rest cannot be asked for.")
        try:
            thing = await _read(tools, kind, str(event["objectId"]), history="dealstage" if name == "deal_stage_changed" else None)
        except NotFound:
            continue
        told.append({**event, **await _completed(tools, name, kind, thing, str(event.get("portalId") or ""))})
    return told


async def _read(tools: Tools, kind: str, number: str, history: str | None = None) -> Any:
    properties = CONTACT_PROPERTIES if kind == "contacts" else DEAL_PROPERTIES
    linked = "contacts" if kind == "deals" else None
    scope = {"object": kind, "id": number, "properties": properties, "associations": linked, "history": history}
    return await tools.send(READ, scope, doing=f"a look at one of the {kind}")


async def _completed(tools: Tools, name: str, kind: str, thing: Mapping[str, Any], portal: str) -> dict[str, Any]:
    portal = portal or tools.credentials.get("portal")
    told: dict[str, Any] = {
        "happened": name,
        "object": thing,
        "owner": await _owner(tools, at(thing, "properties.hubspot_owner_id")),
        "url": f"https://app.hubspot.com/contacts/{portal}/record/{PORTAL_PATHS[kind]}/{thing['id']}" if portal else None,
    }
    if kind == "contacts":
        return {**told, "full_name": _full_name(thing)}
    first = at(thing, "associations.contacts.results.0.id")
    contact = await _read(tools, "contacts", str(first)) if first else None
    return {**told, "contact": contact, "contact_name": _full_name(contact), **await _staged(tools, thing)}


async def _owner(tools: Tools, number: Any) -> Any:
    async def load() -> Any:
        return await tools.get(f"/crm/v3/owners/{number}", doing="a look at its owner")

    return await tools.memory.recall(f"owner {number}", load, seconds=REMEMBER) if str(number or "").isdigit() else None


def _full_name(contact: Any) -> str | None:
    parts = [at(contact, "properties.firstname"), at(contact, "properties.lastname")]
    return " ".join(str(part) for part in parts if part) or None


async def _staged(tools: Tools, deal: Mapping[str, Any]) -> dict[str, Any]:
    pipelines = await _pipelines(tools, "deals")
    pipeline = next((one for one in pipelines if one["id"] == at(deal, "properties.pipeline")), None)
    stages = {stage["id"]: stage for one in pipelines for stage in one.get("stages") or []}
    now = at(deal, "properties.dealstage")
    before = at(deal, "propertiesWithHistory.dealstage.1.value")
    chance, closed = (str(at(stages.get(now), f"metadata.{name}")) for name in ("probability", "isClosed"))
    return {
        "amount": _number(at(deal, "properties.amount")),
        "stage": _label(stages.get(now), now),
        "from_stage": _label(stages.get(before), before),
        "pipeline": _label(pipeline, at(deal, "properties.pipeline")),
        "won": chance in ("1", "1.0"),
        "lost": closed == "true" and chance in ("0", "0.0"),
    }


def _label(one: Any, otherwise: Any) -> Any:
    return at(one, "label") or otherwise


def _number(value: Any) -> float | None:
    try:
        return float(value) if value not in (None, "") else None
    except (TypeError, ValueError):
        return None


# --- polls -------------------------------------------------------------------------------------------------------------


async def _new_contacts(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    found, seen, now = await _since(cursor, tools, "contacts", "createdate", CONTACT_PROPERTIES)
    items = []
    for thing in found:
        if thing["id"] not in seen:
            seen.append(thing["id"])
            items.append({"eventId": f"contact-{thing['id']}", **await _completed(tools, "contact_created", "contacts", thing, "")})
    return Told(items, {"at": now, "seen": [*seen[-SEEN:]]})


async def _changed_deals(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """New ones, and those that entered their stage since: a change of anything else tells nothing."""
    found, seen, now = await _since(cursor, tools, "deals", "hs_lastmodifieddate", DEAL_PROPERTIES)
    since = _at(cursor) - OVERLAP
    items = []
    for thing in found:
        made, entered = _seconds(thing.get("createdAt")), _seconds(at(thing, "properties.hs_v2_date_entered_current_stage"))
        signs = [(f"{thing['id']}", "deal_created", made >= since)]
        moved = entered >= since and entered - made > JUST_MADE
        signs.append((f"{thing['id']}:{at(thing, 'properties.dealstage')}:{int(entered)}", "deal_stage_changed", moved))
        for sign, name, holds in signs:
            if holds and sign not in seen:
                seen.append(sign)
                whole = await _read(tools, "deals", str(thing["id"]), history="dealstage")
                items.append({"eventId": f"deal-{sign}", **await _completed(tools, name, "deals", whole, "")})
    return Told(items, {"at": now, "seen": [*seen[-SEEN:]]})


async def _since(
    cursor: Mapping[str, Json] | None, tools: Tools, kind: str, by: str, properties: str
) -> tuple[list[Mapping[str, Any]], list[str], float]:
    """What the search finds from a little before the last look on, who was told of already, and this moment. The first look tells nothing."""
    now = tools.clock.now().timestamp()
    since = (_at(cursor) if cursor else now) - OVERLAP
    scope: dict[str, Any] = {"object": kind, "by": by, "since": str(int(since * 1000)), "properties": properties.split(",")}
    found: list[Mapping[str, Any]] = []
    for _ in range(PAGES_OF_A_LOOK):
        page = await tools.send(FIND, scope, doing=f"a look at the newest {kind}")
        found += page["results"]
        scope["after"] = at(page, "paging.next.after")
        if not scope["after"]:
            break
    else:  # the rest is for the next look, which begins where this one ended
        now = max(_seconds(found[-1].get("createdAt" if by == "createdate" else "updatedAt")) + OVERLAP, since + OVERLAP + 1)
    known = cursor.get("seen") if cursor else [sign for thing in found for sign in _signs(thing)]
    return ([] if cursor is None else found), [str(one) for one in known] if isinstance(known, list) else [], now


def _signs(thing: Mapping[str, Any]) -> list[str]:
    entered = _seconds(at(thing, "properties.hs_v2_date_entered_current_stage"))
    return [str(thing["id"]), f"{thing['id']}:{at(thing, 'properties.dealstage')}:{int(entered)}"]


def _at(cursor: Mapping[str, Json] | None) -> float:
    value = cursor.get("at") if cursor else None
    return float(value) if isinstance(value, int | float) else 0.0


def _seconds(moment: Any) -> float:
    try:
        return datetime.fromisoformat(str(moment)).timestamp() if moment else 0.0
    except ValueError:
        return 0.0


CUSTOM = Custom(
    prepare={
        "create_contact": _contact,
        "update_contact": _contact,
        "create_deal": _deal,
        "update_deal": _deal,
        "create_ticket": _ticket,
        "add_note": _note,
    },
    prepare_look=dict.fromkeys(("create_deal", "create_ticket", "add_note"), _since_ms),
    unfold=_unfold,
    poll={"contacts": _new_contacts, "deals": _changed_deals},
)
