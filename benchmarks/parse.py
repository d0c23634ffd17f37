"""How well plain language is understood, by the shared scorer and on lists of our own, with simple readers beside in the same run.

    python main.py bench parse [--set gold|own|unseen|languages|thingpedia|scope|all] [--json]

gold        the development requests of twelve personas (the grammar was written with them in sight: it shows that nothing went back)
own         requests written for the house without sight of the grammar; ``seen`` was then used to mend it
unseen      the other half of those, which nobody mended by
languages   German, French, Spanish and Portuguese: the seen and the unseen half
thingpedia  requests of real users and paraphrases: the service that starts it, and the services that are asked, exact
scope       far and near out-of-scope requests: how many are read as something that changes anything
selective   over gold, own and unseen: what share is previewed without a question, and how much of that is right
cost        a sentence in process (median, p95), the memory that reading takes
peers       nearest neighbours, tf-idf with a logistic head, and (where one is set up) a small local language model:
            commands, and of workflows the services
"""

from __future__ import annotations

import json as jsonlib
import os
import resource
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BESIDE = ROOT.parent / "shared"
OWN = ROOT / "tests/intents/requests"
NOW = "2026-11-23T10:00:00+00:00"
SETS = ("gold", "own", "unseen", "languages", "thingpedia", "scope")
GOALS = {"command": 0.95, "full": 0.88, "argument": 0.90, "scope": 0.95, "ask": 0.80, "ece": 0.05}
THINGPEDIA = {"core": 0.90, "user": 0.90}
FAR_CHANGES, PREVIEWED, PREVIEWED_RIGHT, P95_MS, MEMORY_MB = 0.005, 0.80, 0.98, 50.0, 120.0
READS_ONLY = frozenset(
    {
        "help", "show_workflow", "list_workflows", "run_history", "health_report", "service_metrics", "list_alerts", "explain_alert",
        "show_impact", "show_dependencies", "find_root_cause", "recommend_service", "predict_run", "workflow_analytics", "show_schedule", "on_call",
    }
)  # fmt: skip
_PRODUCTS = {"gmail": "email"}  # what the data calls differently


def run(json: bool = False, chosen: str = "all") -> bool:
    """Measure and print; true when every goal is met. About a minute."""
    if chosen not in ("all", *SETS):
        print(f"There is no set “{chosen}”. Choose one of {', '.join(SETS)}, or all.")
        return False
    names = SETS if chosen == "all" else (chosen,)
    result = {name: measured for name in names if (measured := MEASURES[name]()) is not None}
    if chosen == "all":
        result["selective"] = selective()
        result["cost"] = cost()
        result["peers"] = beside(_written("unseen"))
    print(jsonlib.dumps(result, indent=2, ensure_ascii=False) if json else in_words(result))
    return met(result)


# --- reading ------------------------------------------------------------------------------------------------------------------------


@cache
def recogniser() -> Any:
    from engine.workflow.catalogue import Catalogue
    from engine.workflow.catalogue_data import KNOWN
    from intents.recognise import Recogniser

    return Recogniser(Catalogue(replace(service, connected=True) for service in KNOWN))


def parsed(row: Mapping[str, Any]) -> dict[str, Any]:
    from engine.ports import Said
    from intents.lines import to_contract

    now = datetime.fromisoformat(row.get("now") or NOW)
    said = Said(text=row["text"], now=now if now.tzinfo else now.replace(tzinfo=UTC), timezone=row.get("timezone") or "UTC")
    return to_contract(recogniser().read(said), row["text"])


def rows(path: Path) -> list[dict[str, Any]]:
    return [jsonlib.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def beside_file(name: str) -> Path:
    """Of the measuring data, which is not part of this repository."""
    return Path(os.environ.get("SIGNALBOX_SHARED", str(BESIDE))) / name


# --- by the shared scorer -------------------------------------------------------------------------------------------------------------


@cache
def scorer() -> Callable[..., Any] | None:
    file = beside_file("tools/score_parse.py")
    return runpy.run_path(str(file))["score"] if file.is_file() else None


def scored(golds: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    score = scorer()
    if score is None or not golds:
        return None
    result, _ = score([_scorable(gold) for gold in golds], [parsed(gold) for gold in golds])
    ours: dict[str, Any] = {
        "requests": result["items"], "command": result["command_accuracy"], "full": result["workflow"]["full_exact"], "argument": result["argument_f1"],
        "scope": result["out_of_scope"]["f1"], "ask": result["ask_back"]["f1"], "ece": result["calibration"]["ece"],
        "schedule": result["workflow"]["schedule_exact"], "parameters": result["workflow"]["parameter_f1"], "options": result["workflow"]["option_f1"],
    }  # fmt: skip
    return ours


def _scorable(gold: Mapping[str, Any]) -> dict[str, Any]:
    """The scorer wants a trigger type in every workflow; some requests state no trigger at all."""
    copy: dict[str, Any] = jsonlib.loads(jsonlib.dumps(gold))
    workflow = copy["gold"].get("arguments", {}).get("workflow")
    if copy["gold"]["command"] == "create_workflow" and isinstance(workflow, dict):
        workflow.setdefault("trigger", {}).setdefault("type", "")
    return copy


def gold() -> dict[str, Any] | None:
    file = beside_file("data/gold/dev.jsonl")
    return scored(rows(file)) if file.is_file() else None


def _written(half: str) -> list[dict[str, Any]]:
    return [row for name in ("a", "b", "c") for row in rows(OWN / f"{name}_{half}.jsonl")]


def own() -> dict[str, Any] | None:
    return scored(_written("seen"))


def unseen() -> dict[str, Any] | None:
    return scored(_written("unseen"))


def languages() -> dict[str, Any] | None:
    result: dict[str, Any] = {}
    for half in ("seen", "unseen"):
        found = rows(OWN / f"languages_{half}.jsonl")
        for language in sorted({row["language"] for row in found}):
            result[f"{language} {half}"] = scored([row for row in found if row["language"] == language])
    return result if all(result.values()) else None


# --- by services alone ------------------------------------------------------------------------------------------------------------------


def thingpedia() -> dict[str, Any] | None:
    """Exact sets of services: what starts it, and what is asked. A note to the asker is no service; “schedule” is a time."""
    file = beside_file("data/nl/thingpedia.jsonl")
    if not file.is_file():
        return None
    tally: dict[str, list[bool]] = {"core": [], "user": [], "all": []}
    for row in rows(file):
        right = services_of(parsed(row)) == expected_services(row)
        for part, counts in (("all", True), ("core", row["core"]), ("user", row["origin"] == "user-collected" and row["core"])):
            if counts:
                tally[part].append(right)
    return {part: {"requests": len(hits), "exact": _mean(hits)} for part, hits in tally.items()}


def services_of(prediction: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    workflow = prediction["arguments"].get("workflow") if prediction["command"] == "create_workflow" else None
    workflow = workflow if isinstance(workflow, Mapping) else {}
    trigger = workflow.get("trigger") or {}
    events = [event for key in ("any", "all", "sequence") for event in trigger.get(key, ())]
    starts = {event.partition(".")[0] for event in events} | ({trigger["service"]} if trigger.get("service") else set())
    if trigger.get("type") == "scheduled":
        starts = {"schedule"}
    acts = {step["action"].partition(".")[0] for step in workflow.get("steps", ())} - {"chat", "signalbox"}
    return _renamed(starts), _renamed(acts)


def expected_services(row: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    return _renamed(row["trigger_services"]), _renamed([*row["action_services"], *(query["service"] for query in row["queries"])])


def _renamed(services: Iterable[str]) -> frozenset[str]:
    return frozenset(_PRODUCTS.get(service, service) for service in services)


def scope() -> dict[str, Any] | None:
    file = beside_file("data/nl/clinc_oos.jsonl")
    if not file.is_file():
        return None
    result: dict[str, Any] = {}
    found = [(row["label"], parsed(row)) for row in rows(file)]
    for label, name in (("out_of_scope", "far"), ("near_scope", "near")):
        mine = [prediction for one, prediction in found if one == label]
        changes = [one["command"] is not None and one["command"] not in READS_ONLY and not only_looks(one) for one in mine]
        result[name] = {"requests": len(mine), "rejected": _mean([one["command"] is None for one in mine]), "changes": _mean(changes)}
    return result


def only_looks(prediction: Mapping[str, Any]) -> bool:
    """By hand, and every step only reads: whatever comes of it, nothing is changed."""
    from engine.workflow.catalogue import Catalogue
    from engine.workflow.catalogue_data import KNOWN

    workflow = prediction["arguments"].get("workflow") if prediction["command"] == "create_workflow" else None
    if not isinstance(workflow, Mapping) or (workflow.get("trigger") or {}).get("type") != "manual" or not workflow.get("steps"):
        return False
    actions = Catalogue(KNOWN).actions
    return all(step["action"] in actions and not actions[step["action"]].writes for step in workflow["steps"])


# --- previews without a question ----------------------------------------------------------------------------------------------------------


def selective() -> dict[str, Any] | None:
    """Of the requests for us: the share that is understood without a question, and how much of that share is right (command; for a workflow
    trigger and actions too)."""
    file = beside_file("data/gold/dev.jsonl")
    if not file.is_file() or scorer() is None:
        return None
    return {name: _previewed(golds) for name, golds in (("gold", rows(file)), ("own", _written("seen")), ("unseen", _written("unseen")))}


def _previewed(golds: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    score = scorer()
    assert score is not None
    ours = [(gold, parsed(gold)) for gold in golds if gold["gold"]["command"] is not None and not gold["must_ask"]]
    shown = [(gold, one) for gold, one in ours if one["command"] is not None and not one["question"]]
    right = []
    for gold, prediction in shown:
        result, _ = score([_scorable(gold)], [prediction])
        right.append(result["command_accuracy"] == 1 and result["workflow"]["full_exact"] in (None, 1))
    return {"share": len(shown) / max(1, len(ours)), "right": _mean(right)}


# --- what it costs --------------------------------------------------------------------------------------------------------------------------


def cost() -> dict[str, float]:
    """In a process of its own, so that nothing else is loaded."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.parse", "--cost"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )
    result: dict[str, float] = jsonlib.loads(done.stdout.splitlines()[-1])
    return result


def _cost_here() -> dict[str, float]:
    golds = [*_written("seen"), *_written("unseen")]
    before = _resident_mb()
    started = perf_counter()
    parsed(golds[0])
    first = (perf_counter() - started) * 1000
    took = []
    for row in golds:
        started = perf_counter()
        parsed(row)
        took.append((perf_counter() - started) * 1000)
    return {
        "first_ms": first, "median_ms": median(took), "p95_ms": quantiles(took, n=20)[-1], "longest_ms": max(took), "memory_mb": _resident_mb() - before
    }  # fmt: skip


def _resident_mb() -> float:
    """What the process holds now. Not its peak: that is inherited from whoever started it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


# --- beside ---------------------------------------------------------------------------------------------------------------------------------


def beside(golds: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """On the same requests, ours and the peers': commands right, and of workflows the trigger's service (or kind) and the actions' services, exact.

    A peer that cannot be run says why.
    """
    from benchmarks.parse_peers import Unready, peers

    texts, wanted = [row["text"] for row in golds], [reading(row["gold"]) for row in golds]
    table = []
    started = perf_counter()
    ours = [reading(parsed(row)) for row in golds]
    table.append(_line("Signalbox", "the grammar and its second reader", _against(wanted, ours), started, len(texts)))
    for peer in peers():
        try:
            peer.needs()
            peer.predict(texts[:1])  # what it learns beforehand is not a sentence's time
            started = perf_counter()
            table.append(_line(peer.name, peer.note, _against(wanted, peer.predict(texts)), started, len(texts)))
        except Unready as why:
            table.append({"name": peer.name, "note": str(why)})
    return table


def _line(name: str, note: str, figures: Mapping[str, float], started: float, sentences: int) -> dict[str, Any]:
    return {"name": name, "note": note, **figures, "ms": (perf_counter() - started) * 1000 / max(sentences, 1)}


def reading(found: Mapping[str, Any]) -> dict[str, Any]:
    """What peers read, too: the command, and of a workflow the service (or kind) that starts it and the services that are asked."""
    if found["command"] != "create_workflow":
        return {"command": found["command"], "trigger": "", "actions": []}
    workflow = (found.get("arguments") or {}).get("workflow") or {}
    trigger = workflow.get("trigger") or {}
    asked = {step["action"].partition(".")[0] for step in workflow.get("steps") or () if step.get("action")}
    return {"command": "create_workflow", "trigger": trigger.get("service") or trigger.get("type") or "", "actions": sorted(asked)}


def _against(wanted: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    pairs = list(zip(wanted, given, strict=True))
    return {
        "command": _mean([one["command"] == other["command"] for one, other in pairs]),
        "services": _mean([one == other for one, other in pairs if one["command"] == "create_workflow"]),
    }


def _mean(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0


# --- on the way out ---------------------------------------------------------------------------------------------------------------------------

MEASURES: Mapping[str, Callable[[], dict[str, Any] | None]] = {
    "gold": gold, "own": own, "unseen": unseen, "languages": languages, "thingpedia": thingpedia, "scope": scope,
}  # fmt: skip


def met(result: Mapping[str, Any]) -> bool:
    good = [_reaches(result[name]) for name in ("gold", "own", "unseen") if name in result]
    if "thingpedia" in result:
        good += [result["thingpedia"][part]["exact"] >= goal for part, goal in THINGPEDIA.items()]
    if "scope" in result:
        good.append(result["scope"]["far"]["changes"] <= FAR_CHANGES)
    if result.get("selective"):
        good += [one["share"] >= PREVIEWED and one["right"] >= PREVIEWED_RIGHT for one in result["selective"].values()]
    if "cost" in result:
        good.append(result["cost"]["p95_ms"] < P95_MS and result["cost"]["memory_mb"] < MEMORY_MB)
    return bool(good) and all(good)


def _reaches(one: Mapping[str, Any]) -> bool:
    return all(one[key] <= goal if key == "ece" else (one[key] or 0) >= goal for key, goal in GOALS.items())


def in_words(result: Mapping[str, Any]) -> str:
    if not result:
        return "The measuring data is not here: it is not part of this repository. Set SIGNALBOX_SHARED to the folder that holds it."
    lines = []
    heads = ("command", "full", "argument", "scope", "ask", "ece", "schedule", "parameters", "options")
    table = {name: result[name] for name in ("gold", "own", "unseen") if name in result} | dict(result.get("languages", {}))
    if table:
        lines.append(f"{'':<18}{'n':>5}" + "".join(f"{head:>11}" for head in heads))
        lines.append(f"{'goal':<23}" + "".join(f"{GOALS[head]:>11.2f}" if head in GOALS else f"{'':>11}" for head in heads))
    lines += [f"{name:<18}{one['requests']:>5}" + "".join(_figure(one[head]) for head in heads) for name, one in table.items()]
    for part, one in result.get("thingpedia", {}).items():
        goal = f"    goal ≥ {THINGPEDIA[part]:.2f}" if part in THINGPEDIA else ""
        lines.append(f"thingpedia {part:<6} {one['requests']:>5} requests, services exact {one['exact']:.3f}{goal}")
    for part, one in result.get("scope", {}).items():
        goal = f" (goal ≤ {FAR_CHANGES:.1%})" if part == "far" else ""
        lines.append(
            f"out of scope {part:<5}{one['requests']:>5}: rejected {one['rejected']:.1%}, read as a change {one['changes']:.2%}{goal}"
        )
    for part, one in (result.get("selective") or {}).items():
        lines.append(
            f"previewed {part:<7}{one['share']:.1%} without a question (goal ≥ {PREVIEWED:.0%}), right {one['right']:.1%} (goal ≥ {PREVIEWED_RIGHT:.0%})"
        )
    if spent := result.get("cost"):
        lines.append(
            f"a sentence       median {spent['median_ms']:.1f} ms, p95 {spent['p95_ms']:.1f} (goal < {P95_MS:g}), longest {spent['longest_ms']:.0f}, the first {spent['first_ms']:.0f};"
            f" memory {spent['memory_mb']:.0f} MB (goal < {MEMORY_MB:g})"
        )
    for peer in result.get("peers", ()):
        said = f"command {peer['command']:.3f}, services {peer['services']:.3f}" if "command" in peer else "not run"
        took = f", {peer['ms']:.1f} ms" if "ms" in peer else ""
        lines.append(f"{peer['name']:<28}{said}{took}    {peer['note']}".rstrip())
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    return f"{'–':>11}" if value is None else f"{value:>11.3f}"


if __name__ == "__main__":
    if sys.argv[1:] == ["--cost"]:
        print(jsonlib.dumps(_cost_here()))
    else:
        sys.exit(0 if run("--json" in sys.argv) else 1)
