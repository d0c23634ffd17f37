"""The one question an incident's card asks: what is to blame? Flows are believed first, then alerts, then who needs whom."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.graph.blame.alerts import Accused, Cover, cover
from engine.graph.blame.cone import Needs
from engine.graph.blame.memory import Memory
from engine.graph.blame.told import percent, short
from engine.graph.blame.verdict import NOTHING, Suspect, Verdict

SHOWN: Final = 50  # suspects of a verdict
GUESSED: Final = 0.2  # how sure who needs whom alone is
NEAR: Final = 0.6  # what each hop leaves of a guess


@dataclass(frozen=True, slots=True)
class Hurt:
    """Something that alerts. ``at``: seconds on any clock, the same for all."""

    node: str
    at: float


def blame(
    *,
    lines: Iterable[tuple[str, str]] | Needs,
    hurts: Sequence[Hurt],
    flows: Verdict | None = None,
    watched: Collection[str] | None = None,
    memory: Memory | None = None,
    target: str = "",
    denied: Collection[str] = (),
    named: Callable[[str], str] = str,
) -> Verdict:
    """Who is to blame for an incident, best first.

    ``lines``: (who needs, what it needs). ``hurts``: its alerts. ``flows``: what ``from_traffic`` or ``from_tables`` said, if anything flowed.
    ``watched``: nodes that can alert. ``memory``: what people said of earlier suspects, ``target``: what this incident is about for it.
    ``denied``: nodes of which people said that it was not them, this time; they go last.
    ``named``: what people call a node.

    Each kind of evidence has a say as far as the ones before it are not sure: score = sure · flows + (1 − sure) · (sure' · alerts + …).
    """
    needs = lines if isinstance(lines, Needs) else Needs.of(lines)
    heard = from_alerts(needs, hurts, watched, named) if hurts else None
    guess = from_needs(needs, hurts, named) if hurts else None
    verdict = _mixed([one for one in (flows, heard, guess) if one is not None and one.suspects])
    if not verdict.suspects:
        return flows or NOTHING
    known = memory or Memory()
    leaned = (replace(suspect, score=_rounded(known.leaned(target, suspect.node, suspect.score))) for suspect in verdict.suspects)
    ordered = sorted(leaned, key=lambda suspect: (suspect.node in denied, -suspect.score, -suspect.share, suspect.node))
    noise, missed = (heard.noise, heard.missed) if heard else ((), ())
    return replace(verdict, suspects=tuple(_said(suspect, denied) for suspect in ordered[:SHOWN]), noise=noise, missed=missed)


def from_alerts(needs: Needs, hurts: Sequence[Hurt], watched: Collection[str] | None = None, named: Callable[[str], str] = str) -> Verdict:
    """As sure as the likeliest of its causes is."""
    found = cover(needs, [(hurt.node, hurt.at) for hurt in hurts], watched=watched)
    alerting = len({hurt.node for hurt in hurts})
    suspects = tuple(_accused(one, alerting, named) for one in found.accused)
    sure = suspects[0].score if suspects else 0.0
    few = "Not enough data to be sure: a single alert." if alerting == 1 else ""
    return Verdict(suspects, min(0.5, sure) if few else sure, few or _doubt(found), found.noise, found.missed)


def from_needs(needs: Needs, hurts: Sequence[Hurt], named: Callable[[str], str] = str) -> Verdict:
    """Only who needs whom: what most of the hurt need, the nearer the likelier."""
    nodes = {hurt.node for hurt in hurts}
    worth: dict[str, float] = {}
    for node in sorted(nodes):
        for below, hops in needs.below(node).items():
            worth[below] = worth.get(below, 0.0) + NEAR**hops / len(nodes)
    ordered = sorted(worth, key=lambda node: (-worth[node], node))[:SHOWN]
    doubt = "Not enough data to be sure: only who needs whom is known."
    return Verdict(tuple(_guess(node, named(node), worth[node], len(nodes), doubt) for node in ordered), GUESSED, doubt)


def _guess(node: str, name: str, worth: float, hurt: int, doubt: str) -> Suspect:
    score = min(1.0, worth)
    return Suspect(
        node, score, score, f"{short(name)} is near to {'the one thing' if hurt == 1 else f'the {hurt} things'} that hurt. {doubt}"
    )


def _accused(one: Accused, alerting: int, named: Callable[[str], str]) -> Suspect:
    explained = len(one.explains)
    name = short(named(one.node))
    alerts = "it alerts itself" if one.alerts else "it has no alert of its own"
    silent = "" if not one.silent else f"; {one.silent} that need it {'is' if one.silent == 1 else 'are'} silent"
    because = f"{name} would explain {explained} of {alerting} alert{'' if alerting == 1 else 's'} ({percent(explained / alerting)}), {alerts}{silent}."
    return Suspect(one.node, _rounded(one.share), round(explained / alerting, 4), because)


def _doubt(found: Cover) -> str:
    if not found.causes or not found.accused or found.accused[0].share < 0.5:
        return "Not enough data to be sure: several causes explain the alerts about as well."
    return ""


def _mixed(verdicts: Sequence[Verdict]) -> Verdict:
    scores: dict[str, float] = {}
    best: dict[str, tuple[float, Suspect]] = {}
    left, sure = 1.0, 0.0
    for verdict in verdicts:
        weight = left * min(1.0, max(0.0, verdict.sure))
        left -= weight
        sure += weight * max((suspect.score for suspect in verdict.suspects), default=0.0)
        for suspect in verdict.suspects:
            part = weight * suspect.score
            scores[suspect.node] = scores.get(suspect.node, 0.0) + part
            if suspect.node not in best or part > best[suspect.node][0]:
                best[suspect.node] = (part, suspect)
    suspects = [replace(suspect, score=_rounded(scores[node])) for node, (_, suspect) in best.items()]
    suspects.sort(key=lambda suspect: (-suspect.score, -suspect.share, suspect.node))
    return Verdict(tuple(suspects), min(1.0, sure), verdicts[0].doubt if verdicts and sure < 0.5 else "")


def _said(suspect: Suspect, denied: Collection[str]) -> Suspect:
    if suspect.node not in denied:
        return suspect
    return replace(suspect, because=f"{suspect.because} People say that it was not it.")


def _rounded(score: float) -> float:
    return round(min(1.0, max(0.0, score)), 6)
