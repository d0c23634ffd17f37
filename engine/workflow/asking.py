"""One step put to a service: its arguments filled in, its key, and the fact that goes before it.

A template is filled in when its step is asked, and the ASKED fact keeps the result, so a repeated ask says the same under the same key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from engine.errors import Rejected
from engine.workflow.approval import shown_hash
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Approve, AskModel, Cache, Json, SubRun
from engine.workflow.expression import Expression, Missing, as_text, cited, render
from engine.workflow.outline import ASKS, Outline, Part, Place
from engine.workflow.progress import UNTOUCHED, Progress, Run
from engine.workflow.run import Fact, FactKind, StepState
from engine.workflow.scope import scope_at
from engine.workflow.secrets import SecretPart, marked, without, written
from engine.workflow.standing_in import StandIn, filled
from engine.workflow.wayfinding import Router, Wish, own_way


class Ask(NamedTuple):
    """One step to be put to a service. ``key`` is the same for every repeat; ``timeout`` is seconds for this attempt.

    ``claim`` is recorded as KeyClaimed beside the ASKED fact ("" = none); ``cache`` (key, seconds): an answer may be taken from there;
    ``secrets``: what ``secrets.composed`` puts into the arguments right before the call; ``rates`` (name, limit, per seconds): tokens to
    take first; ``rank``: smaller goes first where there is a choice; ``reads``: it changes nothing; ``early``: and there is another way, so it need not be waited
    for to the end; ``tries``: attempts in vain before this one;
    ``patience``: seconds it may be held up while its service is down, instead of failing.
    """

    step: str
    action: str
    arguments: Mapping[str, Json]
    key: str
    attempt: int
    account: str
    timeout: float
    claim: str = ""
    cache: tuple[str, float] | None = None
    secrets: tuple[SecretPart, ...] = ()
    rates: tuple[tuple[str, int, float], ...] = ()
    rank: int = 2
    reads: bool = False
    early: bool = False
    tries: int = 0
    patience: float = 0.0


class _Wording(NamedTuple):
    """What is asked: the arguments as facts show them, and where secrets go into them."""

    arguments: Mapping[str, Json]
    secrets: tuple[SecretPart, ...] = ()


def asked(
    run: Run, step: str, seq: int, now: datetime, held: Mapping[str, str], taken: dict[str, str], router: Router = own_way
) -> tuple[Fact, Ask | None]:
    """The fact that goes before the ask, and the ask; or, without one, the fact that says why it cannot or need not be asked.

    ``held``: claims of other runs → their ids; ``taken``: claims of steps asked in the same breath → the step; a new one is added.
    """
    place, before = run.place(step), run.progress(step)
    if place.plain and before is UNTOUCHED:
        return _plain(run, place, step, seq, now)
    own_action = place.step.action or ASKS[place.kind]
    try:
        action, because = _routed(run, place, step, before, own_action, router)
        round, wording = _worded(run, place, step, before, action, own_action)
        claim = _claim(run, place, step, before) if place.step.idempotency_key else ""
        cache = _cache(run, place, step, action, wording) if place.step.cache is not None else None
        shown = shown_hash(run, place, step[len(place.id) :]) if place.gate or isinstance(place.step.does, Approve) else ""
    except Rejected as error:
        return Fact(seq, now, FactKind.REFUSED, step, data={"error": str(error), "transient": False, "retry_at": None}), None
    if claim:
        if holder := _holder(run, step, claim, held, taken):
            return Fact(seq, now, FactKind.SKIPPED, step, data={"error": holder}), None
        taken[claim] = step
    own = action == own_action
    options = run.outline.definition.options
    limit = options.rate_limits.get(action.partition(".")[0]) if options.rate_limits else None
    ask = Ask(
        step=step,
        action=action,
        arguments=wording.arguments,
        key=_key(run, place, step, action, own_action, round),
        attempt=before.attempt + 1,
        account=account_of(place, action),
        timeout=place.timeout,
        claim=claim,
        cache=cache,
        secrets=wording.secrets,
        rates=((f"{run.origin.workflow}:{action.partition('.')[0]}", limit.limit, limit.per),) if limit else (),
        rank=options.priority.rank,
        reads=place.only_reads,
        early=place.only_reads and bool(place.ways),
        tries=before.tries,
        patience=_patience(run, place, before, now),
    )
    data: dict[str, Json] = {"arguments": dict(wording.arguments)}
    if not own:
        data["action"] = action
    if because:
        data["because"] = because
    if claim or shown or wording.secrets or round > 1:
        data |= _beside(claim, shown, wording, round)
    return Fact(seq, now, FactKind.ASKED, step, ask.attempt, ask.key, data), ask


def _plain(run: Run, place: Place, step: str, seq: int, now: datetime) -> tuple[Fact, Ask]:
    """The common case, which most of a busy house's asks are: nothing to fill in, nothing asked for beside the action."""
    arguments, key = place.step.arguments, f"{run.origin.id}:{step}"
    options = run.outline.definition.options
    ask = Ask(
        step, place.step.action, arguments, key, 1, place.step.account, place.timeout,
        rank=options.priority.rank, reads=place.only_reads, patience=options.patience or 0.0,
    )  # fmt: skip
    return Fact(seq, now, FactKind.ASKED, step, 1, key, {"arguments": dict(arguments)}), ask


def _beside(claim: str, shown: str, wording: _Wording, round: int) -> dict[str, Json]:
    every: dict[str, Json] = {"claim": claim, "shown": shown, "secrets": list(written(wording.secrets)), "round": round if round > 1 else 0}
    return {name: value for name, value in every.items() if value}


# --- which way


def _routed(run: Run, place: Place, step: str, before: Progress, own_action: str, router: Router) -> tuple[str, str]:
    """(action, why it is not the step's own). What was asked once stays where it was; a failure says where to go instead. Only when a person has a
    failed run go on, a step that surely was not done is free to go any way again.

    Raises Rejected where it speaks of a thing that was made elsewhere and cannot be asked there.
    """
    if before.action and not _free(run, place, step, before, own_action):
        return before.action, before.because
    if not place.step.action:
        return own_action, ""
    made, at = made_elsewhere(run, place, step)
    if at and place.undoes:
        raise Rejected(f"“{made}” was done in {product(at)} and not in {product(place.step.service)}. Undo it by hand in {product(at)}.")
    if at:
        there = [way for way in place.ways if way.service == at]
        if not there:
            raise Rejected(
                f"“{place.id}” speaks of what “{made}” made in {product(at)}, and nothing there is declared to do the same as {own_action}. "
                f"Do this step by hand in {product(at)}, then skip it."
            )
        return there[0].action, f"{product(at)} instead of {product(place.step.service)}: what “{made}” made is there."
    if not place.ways:
        return own_action, ""
    wish = Wish(place.ways, _at_home(run, place), place.only_reads, place.timeout)
    taken = router(wish)
    return taken.way.action, taken.because


def _free(run: Run, place: Place, step: str, before: Progress, own_action: str) -> bool:
    """Whether a step that was asked before may be asked anywhere: nothing can have come of it there, or it was only said that it goes there."""
    if before.fresh:
        return bool(place.ways) and (place.only_reads or not before.unsure)
    # Said to go to a stand-in that is none any more, and not asked there yet: nobody knows what to give it.
    return place.strange(before.action) and before.key != _key(run, place, step, before.action, own_action, before.round)


def made_elsewhere(run: Run, place: Place, step: str) -> tuple[str, str]:
    """(step, service) of a thing this step speaks of or undoes, that another service than its own made in place of it; empty texts mostly."""
    for other in (place.undoes, *(place.reads or ())) if place.undoes else place.reads or ():
        there = run.outline.places.get(other)
        if there is None or there.step.service != place.step.service:
            continue
        id = _beside_it(run.outline, there, place, step[len(place.id) :])
        progress = run.progress(id) if id else UNTOUCHED
        at = progress.action.partition(".")[0] if progress.state is StepState.SUCCEEDED else ""
        if at and at != place.step.service:
            return id, at
    return "", ""


def _beside_it(outline: Outline, other: Place, place: Place, suffix: str) -> str:
    """What ``other`` is called as ``place`` sees it with its entries: of a foreach around both it is the same entry; "" where there is none."""
    loop = place.loop
    while other.loop and loop and loop != other.loop:
        loop = outline.places[loop].loop
    if loop != other.loop and other.loop:
        return ""
    return other.id + "".join(f"[{entry}" for entry in suffix.split("[")[1 : other.depth + 1])


def _at_home(run: Run, place: Place) -> str:
    """The service where this run did the like before: things that belong together are found together."""
    done = [
        run.progress(id)
        for id, other in run.outline.places.items()
        if other.ways and other.step.service == place.step.service and not other.nested and run.progress(id).state is StepState.SUCCEEDED
    ]
    return max(done, key=lambda one: one.first).action.partition(".")[0] if done else ""


def _patience(run: Run, place: Place, before: Progress, now: datetime) -> float:
    """Seconds this step may still wait for a service that is down."""
    patience = run.outline.definition.options.patience
    if patience is None or place.kind != "action":
        return 0.0
    return max(0.0, patience - (now - before.started_at).total_seconds()) if before.started_at else patience


def account_of(place: Place, action: str) -> str:
    """Whose account an action of this step is asked with."""
    other = place.other(action)
    if other is not None:
        return other.account
    return "" if place.strange(action) else place.step.account


# --- key and arguments


def _key(run: Run, place: Place, step: str, action: str, own_action: str, round: int) -> str:
    """``run:step``, the round at the end where it is not the first; a stand-in's ask has its service at the end."""
    key = f"{run.origin.id}:{step}" if round == 1 else f"{run.origin.id}:{step}:{round}"
    return key if action == own_action else f"{key}:{action.partition('.')[0]}"


def _worded(run: Run, place: Place, step: str, before: Progress, action: str, own_action: str) -> tuple[int, _Wording]:
    """Under the same key the same arguments; translated when another service stands in; else filled in now. Raises Rejected.

    What is asked again by a retry keeps its key while it says the same.
    """
    round = before.round if place.part is Part.MAIN else run.fate.round
    if before.key and not before.fresh and before.key == _key(run, place, step, action, own_action, round):
        return round, _Wording(before.arguments, before.secrets)
    other = place.other(action) if action != own_action else None
    wording = _filled(run, place, step) if other is None else _translated(run, place, step, before, other)
    if before.fresh and before.key:
        same = before.key == _key(run, place, step, action, own_action, round)
        if (wording.arguments != before.arguments) if same else run.begun.altered == run.fate.round:
            round = run.fate.round
    return round, wording


def _translated(run: Run, place: Place, step: str, before: Progress, stand_in: StandIn) -> _Wording:
    if stand_in.inputs is None:
        return _fill(run, place, step, stand_in.arguments or {}, stand_in.secrets)
    # In the words of the step itself: as they were asked before, or, where it goes another way from the first, as they would be.
    known = before.key and before.key == _key(run, place, step, place.step.action, place.step.action, before.round) and not before.fresh
    own = _Wording(before.arguments, before.secrets) if known else _filled(run, place, step)
    if stand_in.fills is not None:
        if own.secrets:
            raise Rejected(
                f"{stand_in.action} cannot stand in for “{place.id}”: it is given a secret, and declared equivalents are filled without any."
            )
        return _Wording(filled(stand_in.fills, own.arguments))
    arguments = {theirs: own.arguments[ours] for theirs, ours in stand_in.inputs.items() if ours in own.arguments}
    secrets = [
        SecretPart((theirs, *part.at[1:]), part.pieces)
        for theirs, ours in stand_in.inputs.items() for part in own.secrets if part.at[0] == ours
    ]  # fmt: skip
    return _Wording(arguments, tuple(secrets))


def _filled(run: Run, place: Place, step: str) -> _Wording:
    edits = run.begun.edits.get(step) if run.begun.edits else None
    if place.step.does is not None:
        return _Wording(_of_construct(place, scope_at(run, place, step[len(place.id) :])))
    wording = _Wording(place.step.arguments) if place.fixed else _fill(run, place, step, place.step.arguments, place.secrets)
    if not edits:
        return wording
    kept = tuple(part for part in wording.secrets if part.at[0] not in edits)
    return _Wording({**wording.arguments, **edits}, kept)


def _fill(run: Run, place: Place, step: str, arguments: Mapping[str, Json], secrets: tuple[SecretPart, ...]) -> _Wording:
    scope = scope_at(run, place, step[len(place.id) :])
    if not secrets:
        return _Wording({name: render(value, scope) for name, value in arguments.items()})
    plain = {name: render(value, scope) for name, value in without(arguments, secrets).items()}
    parts = tuple(SecretPart(part.at, tuple((_text(piece, secret, scope), secret) for piece, secret in part.pieces)) for part in secrets)
    return _Wording(marked(plain, parts), parts)


def _text(piece: str, secret: bool, scope: Mapping[str, Any]) -> str:
    """A piece of a text is text, spaces at its ends included; a lone ``{{…}}`` would be taken for the whole and keep its type."""
    return piece if secret else as_text(render(f"|{piece}|", scope))[1:-1]


def _of_construct(place: Place, scope: Mapping[str, Any]) -> dict[str, Json]:
    match place.step.does:
        case Approve(by=by, text=text, channel=channel):
            said = {
                "approver": ", ".join(as_text(render(one, scope)) for one in by),
                "channel": render(channel, scope),
                "text": render(text, scope),
            }
            return {name: as_text(value) for name, value in said.items() if value}
        case SubRun(workflow=workflow, inputs=inputs, wait=wait):
            filled: Json = {name: render(value, scope) for name, value in inputs.items()}
            return {"workflow": as_text(render(workflow, scope)), "inputs": filled, "wait": wait}
        case AskModel(prompt=prompt, schema=schema, optional=optional):
            return {"prompt": cited(prompt, scope), "schema": dict(schema), "optional": optional}
    raise Rejected(f"“{place.id}” asks nobody.")


# --- claims and caches


def _claim(run: Run, place: Place, step: str, before: Progress) -> str:
    template = place.step.idempotency_key
    if before.claim and not before.fresh:
        return before.claim
    value = as_text(render(template, scope_at(run, place, step[len(place.id) :]))).strip()
    return f"{run.origin.workflow}:{place.id}:{value}" if value else ""


def _holder(run: Run, step: str, claim: str, held: Mapping[str, str], taken: Mapping[str, str]) -> str:
    """Why it is not to be done; empty when nobody else has claimed it."""
    value = claim.split(":", 2)[2][:80]
    other = taken.get(claim) or run.nest.claims.get(claim, step)
    if other != step:
        return f"“{other}” of this run does it already: both have the idempotency key “{value}”."
    if claim in held:
        return f"{held[claim]} has done it already, under the same idempotency key “{value}”."
    return ""


def _cache(run: Run, place: Place, step: str, action: str, wording: _Wording) -> tuple[str, float]:
    cache = place.step.cache
    assert isinstance(cache, Cache)
    if not cache.key:
        text = json.dumps(dict(wording.arguments), sort_keys=True, default=str)
        return f"{action}:{place.step.account}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}", cache.seconds
    value = Expression.compile(cache.key, place.names).evaluate(scope_at(run, place, step[len(place.id) :]))
    if isinstance(value, Missing):
        raise Rejected(f"The key of its cache cannot be worked out: {value.reason}.")
    return f"{run.origin.workflow}:{place.id}:{json.dumps(value, sort_keys=True, default=str)}", cache.seconds
