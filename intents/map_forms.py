"""The map as it is typed and said: ``/deps add checkout needs payments because …``, “who owns checkout?”, “what changed in the dependencies?”."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.ports import Understood
from intents.analytics_forms import spoken_span
from intents.grammar.request import Answer, Request, known_name
from intents.grammar.source import QUOTE, Source
from intents.named import pairs_of

MakeSource = Callable[[str], Source]
Form = Callable[[str, MakeSource], Answer]
IMPORTING = re.compile(r"^\s*/(?:signalbox\s+)?deps\s+import\b", re.IGNORECASE)

_NEEDS = re.compile(
    r"^(?P<source>.+?)\s+(?P<soft>softly\s+)?(?:needs?|requires?|depends?\s+on|relies\s+on|→|->|-->)\s+(?P<target>.+?)"
    r"(?:\s*,?\s+because(?:\s+of)?\s+(?P<because>.+))?$",
    re.IGNORECASE | re.DOTALL,
)
_AS = re.compile(r"^as\s+(?P<name>[^\n]{1,120}?)[ \t]*(?:\n|$)", re.IGNORECASE)
_HOURS = re.compile(r"^(?:of|over|from)\s+(?P<hours>\d{1,5}(?:\.\d+)?)\s*h(?:ours?)?[ \t]*(?:\n|$)", re.IGNORECASE)
_YESTERDAY = re.compile(r"(?:^|\s+)(?:since\s+)?yesterday\s*[.?!]*$", re.IGNORECASE)
_SINCE = re.compile(r"(?:^|\s+)since\s+(?P<what>(?:this|last)\s+\w+|today)\s*[.?!]*$", re.IGNORECASE)
_ACTIONS = re.compile(
    r"^(?P<ours>\w+\.\w+)\s+(?:(?:by|with|→|->|instead:?|use)\s+)?(?P<theirs>\w+\.\w+)(?:\s+(?P<rest>.+))?$", re.IGNORECASE | re.DOTALL
)
_ADD = "For example: /deps add checkout needs payments because it takes the money"


def deps(words: str, make: MakeSource) -> Answer:
    """``/deps [NAME]``, or one of VERBS and what belongs to it."""
    first, _, rest = words.partition(" ")
    head, newline, below = first.partition("\n")
    verb = VERBS.get(head.lower())
    if verb is not None:
        return verb((below + (" " if below and rest else "") + rest).strip() if newline else rest.strip(), make)
    return about(words, make)


def about(words: str, make: MakeSource) -> Answer:
    """A workflow, a service, or whatever else the map knows: that is found out when it is looked at."""
    if not words:
        return Answer("show_dependencies")
    source = make(words)
    known = known_name(words, source.workflows)
    service = source.lexicon.service(words)
    if known and service is None:
        return Answer("show_dependencies", {"workflow": known})
    return Answer("show_dependencies", {"service": service} if service else {"about": _plain(words)})


def add(words: str, make: MakeSource) -> Answer:
    found = _NEEDS.match(words)
    if found is None:
        return Answer("add_dependency", {}, f"Who needs whom? {_ADD}", "source", 0.95)
    return Answer("add_dependency", {**_ends(found), **({"soft": True} if found["soft"] else {}), **_new(found)})


def remove(words: str, make: MakeSource) -> Answer:
    found = _NEEDS.match(words)
    if found is None:
        return Answer("remove_dependency", {}, "Which line is none? For example: /deps remove checkout needs payments", "source", 0.95)
    return Answer("remove_dependency", _ends(found))


def _ends(found: re.Match[str]) -> dict[str, Any]:
    because = (found["because"] or "").strip()
    return {"source": _plain(found["source"]), "target": _plain(found["target"]), **({"because": because} if because else {})}


def _new(found: re.Match[str]) -> dict[str, Any]:
    """A name in quotation marks is meant as it stands."""
    return {"new": True} if any(_plain(found[end]) != found[end].strip() for end in ("source", "target")) else {}


def described(field: str, example: str) -> Form:
    def read(words: str, make: MakeSource) -> Answer:
        name, value = _split(words)
        if not name or not value:
            return Answer("describe_component", {}, f"Say of what and which. For example: {example}", "component", 0.95)
        return Answer("describe_component", {"component": name, field: value})

    return read


def _split(words: str) -> tuple[str, str]:
    """The name, which stands in quotation marks where it has blanks, and the rest; “X is Y” and “X: Y” too."""
    quoted = re.match(r"^[\"“'‘](?P<name>[^\"”'’]+)[\"”'’]\s*(?::|is\b|=)?\s*(?P<rest>.*)$", words, re.DOTALL)
    found = quoted or re.match(r"^(?P<name>.+?)\s*(?::\s|\sis\s|\s=\s)\s*(?P<rest>.+)$", words, re.DOTALL) or re.match(r"^(?P<name>\S+)\s+(?P<rest>.+)$", words, re.DOTALL)  # fmt: skip
    return (_plain(found["name"]), _plain(found["rest"])) if found else (_plain(words), "")


def fallback(words: str, make: MakeSource) -> Answer:
    """``jira asana``, ``jira → asana``, ``jira asana off``."""
    off = re.search(r"\s+off$", words, re.IGNORECASE)
    source = make(words[: off.start()] if off else words)
    named = list(dict.fromkeys(source.services(source.text)))
    if len(named) != 2:
        named = [
            service
            for part in re.split(r"\s+(?:(?:to|by|with|→|->|=)\s+)?", source.plain(source.text))
            if (service := source.lexicon.service(part))
        ]
    if len(named) != 2:
        return Answer("set_fallback", {}, "Which service stands in for which? For example: /deps fallback jira asana", "fallback", 0.95)
    return Answer("set_fallback", {"service": named[0], "fallback": named[1], **({"off": True} if off else {})})


def alternative(words: str, make: MakeSource) -> Answer:
    found = _ACTIONS.match(words)
    if found is None:
        return Answer(
            "declare_alternative", {}, "Which action stands in for which? For example: /deps alternative jira.create_issue asana.create_task", "use", 0.95
        )  # fmt: skip
    arguments: dict[str, Any] = {"instead_of": found["ours"].lower(), "use": found["theirs"].lower()}
    rest = (found["rest"] or "").strip()
    if rest.lower() in ("off", "remove", "no"):
        return Answer("declare_alternative", {**arguments, "off": True})
    if rest:
        source = make(rest)
        arguments["inputs"] = pairs_of(source, source.text)
    return Answer("declare_alternative", arguments)


def history(words: str, make: MakeSource) -> Answer:
    """``/deps history [NAME] [7d | this week | since yesterday]``."""
    span, rest = _span(words)
    name = _plain(re.sub(r"^(?:of|for)\s+", "", rest, flags=re.IGNORECASE))
    return Answer("map_history", {**({"about": name} if name else {}), **span})


def _span(words: str) -> tuple[dict[str, Any], str]:
    if found := _YESTERDAY.search(words):
        return {"calendar": "yesterday"}, words[: found.start()].strip()
    if found := _SINCE.search(words):
        words = f"{words[: found.start()]} {found['what']}"
    return spoken_span(words.strip())


def importing(words: str, make: MakeSource) -> Answer:
    """``undo [NAME]``; else what is pasted, perhaps under ``as NAME`` and ``over 24 hours``."""
    undo = re.match(r"^undo\b[ \t]*(?P<name>[^\n]*)$", words, re.IGNORECASE)
    if undo is not None:
        return Answer("undo_map", {"source": undo["name"].strip()} if undo["name"].strip() else {})
    arguments: dict[str, Any] = {}
    for pattern, name in ((_AS, "called"), (_HOURS, "hours")):
        if found := pattern.match(words):
            value = found[1].strip()
            arguments[name] = float(value) if name == "hours" else value
            words = words[found.end() :]
    return Answer("import_map", {**arguments, **({"text": words} if words.strip() else {})})


def export(words: str, make: MakeSource) -> Answer:
    word = re.sub(r"^(?:as|to|in)\s+", "", words.strip(), flags=re.IGNORECASE).lower()
    return Answer("export_map", {"form": {"graphviz": "dot", "yml": "yaml"}.get(word, word)} if word else {})


def check(words: str, make: MakeSource) -> Answer:
    return Answer("check_map", {"about": _plain(words)} if words else {})


def suggestions(words: str, make: MakeSource) -> Answer:
    return Answer("list_suggestions")


VERBS: Mapping[str, Form] = {
    "add": add,
    "remove": remove,
    "owner": described("owner", "/deps owner checkout Team Shop"),
    "tier": described("tier", "/deps tier checkout 1"),
    "criticality": described("criticality", "/deps criticality checkout high"),
    "alias": described("alias", "/deps alias checkout checkout-svc"),
    "alternative": alternative,
    "fallback": fallback,
    "history": history,
    "suggestions": suggestions,
    "import": importing,
    "export": export,
    "check": check,
}


def with_file(understood: Understood, files: Sequence[tuple[str, str]]) -> Understood:
    """A file that came with ``/deps import`` is what is taken in."""
    if understood.command != "import_map" or understood.arguments.get("text") or not files:
        return understood
    return replace(understood, arguments={**understood.arguments, "file": files[0][0]})


def _plain(words: str) -> str:
    return words.strip().strip("\"“”'‘’").strip()


# --- in words ----------------------------------------------------------------------------------------------------------------

_NAME = rf"(?:the\s+)?(?P<{{0}}>{QUOTE}|[\w][\w./-]*(?:\s+[\w][\w./-]*)?)"
_NO_NAMES = frozenset(
    re.findall(
        r"\S+",
        "a an the to be it it's that this these those we you i they he she everyone everybody somebody someone nobody anyone who what which one some any "
        "more help approval attention review reviews time is are was not no my your our their please and or if when work fixing testing coffee",
    )
)
PASSING = 0.55  # as sure as to act on when it is said to us, and never when it is only overheard
_OWNS = re.compile(
    rf"^who(?:se)?\s+(?:owns|is\s+the\s+owner\s+of|maintains|is\s+responsible\s+for)\s+{_NAME.format('n')}\s*[?.!]*$", re.IGNORECASE
)
_CHANGED = re.compile(
    r"^what(?:\s+has|['’]s|\s+is)?\s+(?:changed|new|different)\s+(?:in|on|with)\s+(?:the\s+|our\s+)?"
    r"(?:dependenc(?:y|ies)(?:\s+(?:graph|map))?|deps|map(?:\s+of\s+dependencies)?)(?P<rest>\s+.*)?$",
    re.IGNORECASE,
)
_SAID = re.compile(
    rf"^(?:note\s+that\s+|remember\s+that\s+)?{_NAME.format('source')}\s+(?P<no>does(?:\s+not|n['’]t)\s+)?(?P<verb>needs?|depends?\s+on)\s+"
    rf"{_NAME.format('target')}(?:\s*,?\s+because\s+(?P<because>.+?))?\s*[.!]*$",
    re.IGNORECASE,
)


def read_map(request: Request) -> Answer | None:
    """“checkout needs payments”, “who owns checkout?”, “what changed in the dependencies since yesterday?”."""
    source = request.source
    if found := request.match(_OWNS.pattern):
        name = source.plain(found["n"])
        service = source.lexicon.service(name)
        if not _is_name(name):
            return None
        return Answer("show_dependencies", {"service": service} if service else {"about": name}, sure=0.9)
    if found := request.match(_CHANGED.pattern):
        span, rest = _span((found["rest"] or "").rstrip(" ?.!"))
        name = source.plain(re.sub(r"^\s*(?:of|for)\s+", "", rest, flags=re.IGNORECASE))
        return Answer("map_history", {**({"about": name} if name else {}), **span}, sure=0.95)
    return _said(request)


def _said(request: Request) -> Answer | None:
    if request.conditional or "?" in request.text:
        return None
    found = request.match(_SAID.pattern)
    if found is None:
        return None
    source, target = request.source.plain(found["source"]), request.source.plain(found["target"])
    verb = found["verb"].lower()
    if not (_is_name(source) and _is_name(target)) or (not found["no"] and verb in ("need", "depend on")):
        return None
    because = request.source.plain(found["because"]) if found["because"] else ""
    arguments = {"source": source, "target": target, **({"because": because} if because else {})}
    return Answer("remove_dependency" if found["no"] else "add_dependency", arguments, sure=PASSING)


def _is_name(name: str) -> bool:
    words = name.casefold().split()
    return bool(words) and not any(word.strip("'’.,!") in _NO_NAMES for word in words)
