"""What Zendesk's description cannot say: who asks is found or made, many new tickets go out as one job, and polled tickets read like delivered ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors._kit.custom import Ask, Custom, Delivered, Told, Tools
from connectors._kit.description import Request
from connectors._kit.failures import Refused
from connectors._kit.performing import mark_of
from connectors._kit.picking import at
from engine.errors import NotFound, Rejected, SignalboxError, Unanswered
from engine.ports import Answer
from engine.workflow.definition import Json

PEOPLE = Request(method="GET", path="/api/v2/users/search", query={"query": "{said}"})
NEW_PERSON = Request(method="POST", path="/api/v2/users/create_or_update", body={"user": {"email": "{said}", "name": "{name}"}})
MANY = Request(method="POST", path="/api/v2/tickets/create_many", body={"tickets": "{tickets}"})
JOB = Request(method="GET", path="/api/v2/job_statuses/{job}")
LOOKS = 20  # at a job, half a second apart
SINCE = Request(method="GET", path="/api/v2/incremental/tickets/cursor", query={"start_time": "{since}", "include": "users,groups"})
AFTER = Request(method="GET", path="/api/v2/incremental/tickets/cursor", query={"cursor": "{cursor}", "include": "users,groups"})
UNSETTLED = 60.0  # seconds that the export leaves out, because they still change
NEW_FOR = 900.0  # seconds in which a ticket that was not seen yet counts as new
REMEMBERED = 2_000  # tickets

FIELDS = {
    "status_changed": "status",
    "priority_changed": "priority",
    "type_changed": "type",
    "subject_changed": "subject",
    "agent_assignment_changed": "assignee",
    "group_assignment_changed": "group",
    "requester_changed": "requester",
    "tags_changed": "tags",
    "comment_added": "comments",
}


# --- new tickets -------------------------------------------------------------------------------------------------------


async def _new_ticket(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    requester = await _person(tools, said["requester"]) if said.get("requester") else None
    body = {
        "subject": said["title"],
        "comment": {"body": said.get("text") or said["title"], "public": said["public"]},
        "priority": said.get("priority"),
        "type": said.get("type") or ("task" if said.get("due") else None),
        "status": said.get("status"),
        "requester_id": requester,
        "assignee_id": _number(said.get("assignee_id")),
        "group_id": _number(said.get("group_id")),
        "tags": said.get("labels"),
        "due_at": said.get("due"),
        "external_id": f"signalbox-{mark_of(ask.call.key)}",
    }
    return {"ticket_body": {name: value for name, value in body.items() if value is not None}}


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdigit() else value


async def _person(tools: Tools, said: str) -> int:
    """The id of one who asks. An address nobody has yet becomes a new person; a name nobody has is refused."""
    text = said.strip()
    if text.isdigit():
        return int(text)
    found = (await tools.send(PEOPLE, {"said": text}, doing="a look-up of who asks")).get("users") or []
    wanted = text.casefold()
    fitting = [person for person in found if wanted in (str(person.get("email")).casefold(), str(person.get("name")).casefold())]
    if len(fitting) > 1:
        raise Rejected(f"Zendesk has {len(fitting)} people called “{text}”. Say the e-mail address.")
    if fitting:
        return int(fitting[0]["id"])
    if "@" not in text:
        raise NotFound(f"Zendesk has no person “{text}”. Say an e-mail address: who is new is then made.")
    scope = {"said": text, "name": text.partition("@")[0]}
    return int((await tools.send(NEW_PERSON, scope, doing="the making of who asks", may_repeat=True))["user"]["id"])


async def _together(asks: Sequence[Ask], tools: Tools) -> Sequence[Answer | SignalboxError]:
    """One job for all; an ask that cannot be prepared fails alone, and what the job does not tell within ten seconds is in doubt."""
    bodies: list[Any] = []
    for ask in asks:
        try:
            bodies.append((await _new_ticket(ask, tools))["ticket_body"])
        except SignalboxError as error:
            bodies.append(error)
    sent = [place for place, body in enumerate(bodies) if not isinstance(body, SignalboxError)]
    results = await _job(tools, [bodies[place] for place in sent]) if sent else {}
    told: list[Answer | SignalboxError] = []
    for place, body in enumerate(bodies):
        told.append(body if isinstance(body, SignalboxError) else _outcome(results.get(sent.index(place)), body, tools))
    return told


async def _job(tools: Tools, tickets: Sequence[Any]) -> Mapping[int, Any]:
    """Outcomes by the ticket's place in the job; places that it does not tell of are missing."""
    status = (await tools.send(MANY, {"tickets": tickets}, doing="the creating of several tickets", may_repeat=False))["job_status"]
    for _ in range(LOOKS):
        if status.get("status") not in ("queued", "working"):
            break
        await tools.clock.sleep(0.5)
        try:
            status = (await tools.send(JOB, {"job": status["id"]}, doing="a look at the job"))["job_status"]
        except SignalboxError:
            continue  # the job goes on; the next look may tell
    results = status.get("results")
    return {int(one.get("index", place)): one for place, one in enumerate(results)} if isinstance(results, list) else {}


def _outcome(result: Any, body: Mapping[str, Any], tools: Tools) -> Answer | SignalboxError:
    if not isinstance(result, dict):
        return Unanswered("Zendesk did not say what became of this ticket; whether it was made has to be looked up there.")
    if result.get("id") is None or result.get("success") is False:
        why = str(result.get("details") or result.get("error") or "no reason given")
        return Refused(f"Zendesk refused create_ticket: {why[:300]}.", 422)
    return Answer(
        {
            "id": result["id"],
            "ticket": result["id"],
            "title": body["subject"],
            "status": body.get("status", "new"),
            "priority": body.get("priority"),
            "url": _page(tools, result["id"]),
        }
    )


def _page(tools: Tools, number: Any) -> str:
    return f"{tools.credentials.get('url').rstrip('/')}/agent/tickets/{number}"


# --- searching ---------------------------------------------------------------------------------------------------------


async def _search(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    words = ["type:ticket", said.get("query", ""), *(f"{word}:{said[word]}" for word in ("status", "priority") if said.get(word))]
    words += [_operator(word, said[word]) for word in ("assignee", "group", "requester") if said.get(word)]
    words += [_operator("tags", label) for label in said.get("labels", [])]
    return {"words": " ".join(filter(None, words))}


def _operator(word: str, value: str) -> str:
    """``value`` in quotes, so that it cannot be read as operators of its own."""
    quoted = value.removeprefix("@").replace("\\", "").replace('"', "")
    return f'{word}:"{quoted}"' if quoted else ""


# --- what happens over there -------------------------------------------------------------------------------------------


async def _unfold(payload: Any, delivered: Delivered, tools: Tools) -> Sequence[Any]:
    if not isinstance(payload, dict) or not isinstance(payload.get("detail"), dict):
        return [payload]
    kind = str(payload.get("type", "")).rpartition(".")[2]
    event = payload.get("event")
    is_now, was = at(event, "current"), at(event, "previous")
    field = FIELDS.get(kind)
    told = {
        "changed": field is not None,
        "field": field,
        "is": _word(is_now),
        "was": _word(was),
        "solved": kind == "status_changed" and _word(is_now) == "solved",
    }
    return [{**payload, **told, **_of(payload["detail"], tools)}]


def _of(detail: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Webhooks write ``"OPEN"`` and ``"5158"`` where the API writes ``"open"`` and ``5158``."""
    number = _number(detail.get("id"))
    words = {"status": _word(detail.get("status")), "priority": _word(detail.get("priority")), "kind": _word(detail.get("type"))}
    return {"number": number, **words, "page": _page(tools, number)}


def _word(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


async def _poll(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """Tickets that changed, as the webhooks would tell of them. What is new, and what is newly solved, is told by what earlier looks saw.

    The export tells the state only, so a ticket counts as new when it was made lately and was not seen yet, and as solved when it was not seen solved.
    """
    now = tools.clock.now().timestamp()
    if cursor is None:
        page = await tools.send(SINCE, {"since": int(now - UNSETTLED - 1)}, doing="a first look at the tickets")
        solved = [ticket["id"] for ticket in page["tickets"] if ticket.get("status") == "solved"]
        seen = [ticket["id"] for ticket in page["tickets"]]
        return Told((), {"after": page.get("after_cursor"), "at": now, "begun": now - UNSETTLED, "seen": seen, "solved": solved})
    page = await tools.send(AFTER, {"cursor": cursor["after"]}, doing="a look at what changed")
    seen, solved = list(_ids(cursor, "seen")), list(_ids(cursor, "solved"))
    newest = max(float(_seconds(cursor, "at")) - NEW_FOR, float(_seconds(cursor, "begun")))
    items = []
    for ticket in page["tickets"]:
        is_new = ticket["id"] not in seen and _made(ticket) >= newest
        newly_solved = ticket.get("status") == "solved" and ticket["id"] not in solved
        items.append(_told(ticket, page, tools, is_new=is_new, newly_solved=newly_solved))
        if is_new:
            seen.append(ticket["id"])
        solved = [one for one in solved if one != ticket["id"]] + ([ticket["id"]] if ticket.get("status") == "solved" else [])
    kept: dict[str, Json] = {"seen": seen[-REMEMBERED:], "solved": solved[-REMEMBERED:], "begun": cursor.get("begun")}
    caught_up = page.get("end_of_stream", True)  # until then, what was made long ago is new all the same
    return Told(items, {**kept, "after": page.get("after_cursor") or cursor["after"], "at": now if caught_up else cursor.get("at")})


def _ids(cursor: Mapping[str, Json], name: str) -> Sequence[Any]:
    value = cursor.get(name)
    return value if isinstance(value, list) else []


def _seconds(cursor: Mapping[str, Json], name: str) -> float:
    value = cursor.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _made(ticket: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(str(ticket["created_at"])).timestamp()


def _told(ticket: Mapping[str, Any], page: Mapping[str, Any], tools: Tools, *, is_new: bool, newly_solved: bool) -> dict[str, Any]:
    kind = "created" if is_new else "status_changed" if newly_solved else "changed"
    return {
        "type": f"zen:event-type:ticket.{kind}",
        "id": f"{ticket['id']}-{ticket.get('generated_timestamp') or ticket.get('updated_at')}",
        "detail": dict(ticket),
        "changed": not is_new,
        "field": "status" if newly_solved and not is_new else None,
        "is": ticket.get("status") if newly_solved else None,
        "was": None,
        "solved": newly_solved,
        "requester": {"user": _named(page.get("users"), ticket.get("requester_id"))},
        "assignee": {"user": _named(page.get("users"), ticket.get("assignee_id"))},
        "group": {"group": _named(page.get("groups"), ticket.get("group_id"))},
        **_of(ticket, tools),
    }


def _named(among: Any, wanted: Any) -> Any:
    return next((one for one in among or [] if isinstance(one, dict) and wanted is not None and one.get("id") == wanted), None)


CUSTOM = Custom(
    prepare={"create_ticket": _new_ticket, "search_tickets": _search},
    together={"create_ticket": _together},
    unfold=_unfold,
    poll={"tickets": _poll},
)
