"""Who runs what next, in a made-up team: how often the workflow that is run stands first, or among the first three.

Twelve people in five channels run 25 workflows for eight weeks. Each has some workflows of their own, most have one or two routines (after this comes that, seven
times in ten), some things are run in the morning or on Fridays, channels have favourites, and one run in four follows no rule at all. After four weeks half of
the people change a routine.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

PEOPLE, CHANNELS, WORKFLOWS, DAYS = 12, 5, 25, 56


@dataclass(frozen=True, slots=True)
class Act:
    actor: str
    channel: str
    day: int
    hour: int
    last: str
    workflow: str


def team(seed: int) -> list[Act]:
    dice = random.Random(seed)
    flows = [f"workflow{n}" for n in range(WORKFLOWS)]
    liked = {f"channel{n}": dice.sample(flows, 4) for n in range(CHANNELS)}
    own = {f"person{n}": dice.sample(flows, 6) for n in range(PEOPLE)}
    routine = {who: dict(pairwise(mine[:4])) for who, mine in own.items()}
    morning = {who: dice.choice(mine) for who, mine in own.items()}
    found = []
    for day in range(DAYS):
        if day == DAYS // 2:
            for who in list(own)[: PEOPLE // 2]:
                routine[who] = {dice.choice(own[who]): dice.choice(flows), **dict(list(routine[who].items())[:1])}
        if day % 7 >= 5:
            continue
        today = []
        for who, mine in own.items():
            at, last, channel = dice.uniform(7.5, 10), "", dice.choice(list(liked))
            for _ in range(dice.randint(1, 5)):
                hour = min(23, int(at))
                if dice.random() < 0.25:
                    flow = dice.choice(flows)
                elif last in routine[who] and dice.random() < 0.7:
                    flow = routine[who][last]
                elif not last and dice.random() < 0.7:
                    flow = morning[who]
                elif day % 7 == 4 and hour >= 14 and dice.random() < 0.6:
                    flow = mine[5]
                else:
                    flow = dice.choice(mine if dice.random() < 0.6 else liked[channel])
                today.append(Act(who, channel, day, hour, last, flow))
                last, at = flow, at + dice.expovariate(1 / 1.5)
        found += sorted(today, key=lambda act: (act.hour, act.actor))
    return found


def hits(seed: int) -> dict[str, Any]:
    """Shares over everything after the first week; each is told of an act after all have foretold it."""
    from engine.prediction.next_likely import Moment, NextLikely

    ours = NextLikely()
    often: Counter[str] = Counter()
    follows: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    person: dict[str, Counter[str]] = defaultdict(Counter)
    scores: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    suggested, right, expected, count = 0, 0, 0.0, 0
    for act in team(seed):
        moment = Moment(actor=act.actor, channel=act.channel, hour=act.hour, weekday=act.day % 7, last=act.last)
        if act.day >= 7:
            count += 1
            after = follows[act.actor, act.last] or person[act.actor] or often
            told = {
                "Signalbox": [flow for flow, _ in ours.ranked(moment)],
                "most frequent": _first(often),
                "most frequent of the person": _first(person[act.actor] or often),
                "last → next (Markov, by person)": _first(after, person[act.actor]),
            }
            for name, ranked in told.items():
                scores[name][0] += act.workflow in ranked[:1]
                scores[name][1] += act.workflow in ranked
            suggestion = ours.suggest(moment)
            if suggestion is not None:
                suggested += 1
                right += suggestion.workflow == act.workflow
                expected += suggestion.probability
        ours.ran(moment, act.workflow)
        often[act.workflow] += 1
        person[act.actor][act.workflow] += 1
        follows[act.actor, act.last][act.workflow] += 1
    return {
        "acts": count, "hits": {name: {"first": first / count, "three": three / count} for name, (first, three) in scores.items()},
        "suggested": suggested / count, "right": right / max(1, suggested), "said": expected / max(1, suggested),
    }  # fmt: skip


def _first(counts: Counter[str], more: Counter[str] | None = None) -> list[str]:
    ranked = [flow for flow, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    ranked += [flow for flow, _ in (more or Counter()).most_common() if flow not in counts]
    return ranked[:3]
