"""What was done elsewhere while its own service was down: read, shown, and decided about, each thing once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.commands.command import Asking
from engine.commands.house import House
from engine.commands.reroutes_shown import ReroutesShown
from engine.errors import Conflict, NotFound, Rejected
from engine.events import DetectorSaved, Event, PolicySaved, PostingsTouched, WorkflowSaved
from engine.parties import Address
from engine.ports import Store
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Json
from engine.workflow.putting_right import KIND, MOST, Batch, Fate, Order, Reroute, batch_from, new_batch, order_of, reroute_from
from engine.workflow.reroute import STREAM
from engine.workflow.run import RunState

DO, LEAVE = "do", "leave"


# --- reading ------------------------------------------------------------------------------------------------------------


async def kept(store: Store, service: str = "") -> list[Reroute]:
    """Of one service or of all, oldest first."""
    rows = await store.detectors.under(f"{STREAM}{service}:" if service else STREAM)
    return sorted((reroute_from(row.stream, row.state, row.at) for row in rows), key=lambda one: (one.at, one.stream))


async def batches(store: Store, service: str = "") -> list[Batch]:
    found = [batch_from(policy.id, policy.body, policy.revision) for policy in await store.policies.of(KIND)]
    return [one for one in found if service in ("", one.service)]


async def the_batch(store: Store, card: str) -> Batch:
    """Raises NotFound."""
    policy = await store.policies.get(KIND, card)
    if policy is None:
        raise NotFound("This card is about something that was settled long ago and is not kept any more.")
    return batch_from(policy.id, policy.body, policy.revision)


async def of_batch(store: Store, batch: Batch) -> list[Reroute]:
    wanted = set(batch.items)
    return [one for one in await kept(store, batch.service) if one.stream in wanted]


async def shown(store: Store, card: str) -> ReroutesShown:
    """The card of a batch, from its newest state. Raises NotFound."""
    batch = await the_batch(store, card)
    things = tuple(await of_batch(store, batch))
    forgotten = await forgotten_of(store, things)
    return ReroutesShown(service=batch.service, things=things, batch=batch, gone=len(batch.items) - len(things), forgotten=forgotten)


async def forgotten_of(store: Store, things: Sequence[Reroute]) -> frozenset[str]:
    """Those whose run is not kept any more: what they did is still known, its run cannot be looked at."""
    return frozenset([one.stream for one in things if await store.runs.get(str(one.body.get("run", ""))) is None])


# --- deciding -----------------------------------------------------------------------------------------------------------


def check_seen(asking: Asking, batch: Batch) -> None:
    """Raises Conflict when something was added or decided since the pressed card was drawn."""
    if asking.version and asking.version != batch.revision:
        raise Conflict(
            "Something was added or decided since you looked; nothing was done by your press. Look at the card anew, and press there."
        )


async def decided(
    house: House, asking: Asking, service: str, said: Mapping[str, str], known: Sequence[Batch], *, verb: str, where: Address | None = None
) -> str:
    """``said``: stream → do or leave; what is not said stays open. Recorded in one transaction, and then done; what became of it, in a sentence.

    ``known``: batches that hold them; things of none get one, so that two who decide at once cannot both. Raises Conflict for who comes second,
    Rejected where nothing is left to decide.
    """
    things = [one for one in await kept(house.store, service) if one.stream in said]
    late = [one for one in things if one.fate is not Fate.OPEN]
    if late or not things:
        raise Conflict(_too_late(late))
    doing = [one for one in things if said[one.stream] == DO and one.arguments is not None]
    leaving = [one for one in things if said[one.stream] == LEAVE]
    if not doing and not leaving:
        raise Rejected(f"A person has to do this in {product(service)}: {things[0].by_hand}. Then press “Leave them there”.")
    place = where or Address.parse(next((one.where for one in things if one.where), str(asking.where)))
    order = order_of(service, doing[:MOST], at=asking.at, by=asking.actor.id, where=str(place)) if doing else None
    events = [*_marked(order, leaving, doing, asking), *_bumped(service, things, known, asking.at)]
    if order is not None:
        events.append(WorkflowSaved(order.workflow))
    detail = f"{len(doing)} done there too, {len(leaving)} left"
    try:
        await house.store.ledger.record(*events, house.audit(asking, verb, service, detail))
    except Conflict as error:
        raise Conflict("Somebody else decided at the same moment; your press changed nothing. Look at the card anew.") from error
    if order is not None:
        await house.runner.start(order.workflow, by=asking.actor.id, event=order.event, run_id=order.run, where=place, actor=asking.actor)
    return in_words(service, len(doing), len(leaving), len(things) - len(doing) - len(leaving))


def in_words(service: str, doing: int, leaving: int, by_hand: int) -> str:
    name = product(service)
    parts = (
        [f"{_things(doing)} {'is' if doing == 1 else 'are'} being done in {name} too; the run's card shows how it goes"] if doing else []
    )
    parts += [f"{_things(leaving)} stay{'s' if leaving == 1 else ''} where {'it is' if leaving == 1 else 'they are'}"] if leaving else []
    parts += [f"{_things(by_hand)} a person has to do in {name}, the card says why"] if by_hand else []
    return "; ".join(parts)[:1].upper() + "; ".join(parts)[1:] + "."


def _things(count: int) -> str:
    return "1 thing" if count == 1 else f"{count} things"


def _too_late(late: Sequence[Reroute]) -> str:
    if not late:
        return "There is nothing left to decide here; nothing was changed."
    by = f" by {late[0].by}" if late[0].by else ""
    return f"Too late: it was decided{by} already ({late[0].fate.value}). Your press changed nothing."


def _marked(order: Order | None, leaving: Sequence[Reroute], doing: Sequence[Reroute], asking: Asking) -> list[Event]:
    by: dict[str, str] = {"by": asking.actor.id, "by_name": asking.actor.name, "decided_at": asking.at.isoformat()}
    marked = [one.turned(Fate.LEFT, **by) for one in leaving]
    if order is not None:
        for number, one in enumerate(doing[:MOST]):
            more = {"order_run": order.run, "order_workflow": order.workflow.id, "order_step": order.steps[one.stream]}
            marked.append(one.turned(Fate.DOING, order_number=number, order_where=order.workflow.where, **more, **by))
    return [DetectorSaved(one.stream, dict(one.body), one.at) for one in marked]


def _bumped(service: str, things: Sequence[Reroute], known: Sequence[Batch], at: datetime) -> list[Event]:
    """Every batch that holds one of them moves on; of two who decide at once, the ledger takes the first."""
    streams = {one.stream for one in things}
    moved = [batch.with_(()) for batch in known if streams.intersection(batch.items)]
    loose = [one for one in things if not any(one.stream in batch.items for batch in known)]
    for where in dict.fromkeys(place_of(one) for one in loose):
        moved.append(new_batch(service, where, [one.stream for one in loose if place_of(one) == where]))
    saved: list[Event] = [PolicySaved(KIND, one.id, one.body, at, one.revision) for one in moved]
    return [*saved, *(PostingsTouched(one.id) for one in moved)]


def place_of(thing: Reroute) -> str:
    """The channel of its run's card, without the thread; "" where there was none."""
    if not thing.where:
        return ""
    to = Address.parse(thing.where)
    return str(Address(to.face, to.channel))


# --- what became of it ----------------------------------------------------------------------------------------------------


async def settled(store: Store, things: Sequence[Reroute], run: str) -> list[Reroute]:
    """Those of one order's run that changed: their steps were answered, or the run is over without. Nothing for a run that goes on."""
    record = await store.runs.get(run)
    if record is None:
        return []
    answered = {fact.step: fact.data.get("output") for fact in await store.runs.facts(run) if fact.kind.value == "answered"}
    changed = []
    for one in things:
        step = one.order[1]
        if step in answered:
            changed.append(one.turned(Fate.DONE, result=_brief(answered[step]), error=""))
        elif record.state in (RunState.FAILED, RunState.CANCELLED) and one.fate is Fate.DOING:
            changed.append(one.turned(Fate.FAILED, error=(record.error or record.state.value)[:200]))
        elif not record.state.over and one.fate is Fate.FAILED:
            changed.append(one.turned(Fate.DOING, error=""))
    return changed


def _brief(output: object) -> dict[str, Json]:
    """What the thing is found by."""
    if not isinstance(output, Mapping):
        return {}
    return {
        name: str(output[name])[:300]
        for name in ("url", "html_url", "key", "id", "title", "name")
        if isinstance(output.get(name), (str, int))
    }
