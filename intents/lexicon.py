"""The words of the house: services, events and actions of the catalogue with everything people call them, and the repair of typos."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import OSA

from engine.workflow.catalogue import Catalogue, Service
from intents import phrases
from intents.unconnected import PRODUCTS

_UNMENTIONED = frozenset({"chat", "signalbox", "http", "email"})  # understood by what is done, not by their name


@dataclass(frozen=True, slots=True)
class Mention:
    """A service named in a text."""

    service: str
    start: int
    end: int


SERVICE = "[\ue200-\ue2ff]"  # one character stands for a named service
_SERVICE_BASE = 0xE200


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with services as single characters."""

    text: str
    services: tuple[str, ...]
    words: tuple[str, ...]

    def service_at(self, mark: str) -> str:
        """The service a mark stands for; "" for anything else."""
        index = ord(mark[0]) - _SERVICE_BASE if mark else -1
        return self.services[index] if 0 <= index < len(self.services) else ""

    def services_in(self, text: str) -> list[str]:
        """In order, each once."""
        return list(dict.fromkeys(self.service_at(mark) for mark in re.findall(SERVICE, text)))

    def plain(self, text: str) -> str:
        return re.sub(
            SERVICE,
            lambda match: self.words[ord(match[0]) - _SERVICE_BASE] if ord(match[0]) - _SERVICE_BASE < len(self.words) else "",
            text,
        )


@dataclass(frozen=True, slots=True)
class Sense:
    """One action or event and how to tell that it is spoken of. ``noun`` is the object's key in ``phrases.NOUNS``."""

    service: str
    name: str
    noun: str
    objects: re.Pattern[str] | None
    deeds: re.Pattern[str] | None
    phrase: re.Pattern[str] | None
    strict: bool = False

    @property
    def id(self) -> str:
        return f"{self.service}.{self.name}"

    @property
    def generic(self) -> bool:
        return self.noun in phrases.GENERIC

    def score(self, text: str) -> float:
        """0 = not spoken of. Object and deed count more together; a phrase counts for both."""
        has_object = bool(self.objects and self.objects.search(text))
        has_deed = bool(self.deeds and self.deeds.search(text))
        phrased = bool(self.phrase and self.phrase.search(text))
        if self.strict and not phrased:
            return 0.0
        return 3.0 * has_object + 2.0 * has_deed + 4.0 * phrased


class Lexicon:
    """Built once from a catalogue; look-ups are pure."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.services = catalogue.services
        self.names = {service.id: service.name for service in catalogue.services.values()}
        self._by_alias = self._aliases(catalogue)
        self._mentions = self._mention_pattern()
        self._special = [
            (service, re.compile(pattern)) for service, pattern in phrases.SERVICE_PATTERNS.items() if service in self.services
        ]
        self.events = [_event_sense(service, event.event) for service in self.services.values() for event in service.events]
        self.actions = [_action_sense(service, action.operation) for service in self.services.values() for action in service.actions]
        self._categories = [(re.compile(rf"\b(?:{words})\b", re.IGNORECASE), category) for words, category in phrases.CATEGORIES.items()]

    @staticmethod
    def _aliases(catalogue: Catalogue) -> dict[str, str]:
        found: dict[str, str] = {}
        for service in catalogue.services.values():
            if service.id in _UNMENTIONED:
                continue
            words = {service.id, service.id.replace("_", " "), service.name.lower(), *(alias.lower() for alias in service.aliases)}
            for alias in (*words, *phrases.SERVICE_NAMES.get(service.id, ())):
                if (
                    alias
                    and not _NOUNISH.search(alias)
                    and (alias not in _ambiguous() or alias in phrases.SERVICE_NAMES.get(service.id, ()))
                ):
                    found.setdefault(alias, service.id)
        return found

    def _mention_pattern(self) -> re.Pattern[str]:
        names = sorted((re.escape(alias).replace(r"\ ", r"[\s_-]") for alias in self._by_alias), key=len, reverse=True)
        return re.compile(rf"(?<![\w#@/.-])(?:{'|'.join(names) or '(?!)'})(?![\w-]|\.(?!com)\w)(?!'s\s+own)", re.IGNORECASE)

    def mentions(self, text: str) -> list[Mention]:
        """Services named, in order; a longer name wins over one inside it."""
        found = [Mention(self._service_of(match[0]), match.start(), match.end()) for match in self._mentions.finditer(text)]
        for service, pattern in self._special:
            found.extend(Mention(service, match.start(), match.end()) for match in pattern.finditer(text) if match[0])
        found.sort(key=lambda mention: (mention.start, -mention.end))
        kept: list[Mention] = []
        for mention in found:
            if not kept or mention.start >= kept[-1].end:
                kept.append(mention)
        return kept

    def _service_of(self, word: str) -> str:
        plain = re.sub(r"[\s_-]+", " ", word.lower())
        return self._by_alias.get(plain) or self._by_alias.get(word.lower()) or self._by_alias[plain.replace(" ", "_")]

    def service(self, text: str) -> str | None:
        """The first service named; a whole text that is one ambiguous name ("box", "teams", "monday") counts too."""
        mentions = self.mentions(text)
        if mentions:
            return mentions[0].service
        word = text.strip().strip("?.!\"'").lower()
        return word if word in self.services else None

    def category(self, text: str) -> str | None:
        return next((category for pattern, category in self._categories if pattern.search(text)), None)

    def mark(self, text: str) -> Marked:
        """``text`` with each service's name as one character, so that grammar can speak of "a service" and names cannot confuse it."""
        services: list[str] = []
        words: list[str] = []
        out, end = [], 0
        for mention in self.mentions(text)[:256]:
            out += [text[end : mention.start], chr(_SERVICE_BASE + len(services))]
            services.append(mention.service)
            words.append(text[mention.start : mention.end])
            end = mention.end
        return Marked("".join([*out, text[end:]]), tuple(services), tuple(words))

    # --- typos ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _vocabulary(self) -> dict[str, list[str]]:
        """By first letter: what a misspelt word may have meant."""
        words = {word for alias in self._by_alias for word in [alias] if word.isalpha() and len(word) >= 5} | set(phrases.KEYWORDS)
        out: dict[str, list[str]] = {}
        for word in sorted(words):
            out.setdefault(word[0], []).append(word)
        return out

    def repair(self, text: str) -> str:
        """Obvious typos of our own words mended: one slip in five to seven letters, two in longer words, first letter kept."""
        return re.sub(r"(?<![\w#@/.:'=\-])[A-Za-z]{5,14}(?![\w/@='\-]|\.\w)", self._mended, text)

    def _mended(self, match: re.Match[str]) -> str:
        word = match[0]
        plain = word.lower()
        if plain in phrases.NOT_TYPOS or plain in PRODUCTS or plain in self._by_alias or (word.isupper() and len(word) < 8):
            return word
        near = self._vocabulary.get(plain[0], ())
        if any(plain == known or _inflection(plain, known) for known in near):
            return word
        allowed = 1 if len(plain) < 8 else 2
        best = min(near, key=lambda known: OSA.distance(plain, known), default=plain)
        return best if 0 < OSA.distance(plain, best, score_cutoff=allowed) <= allowed and abs(len(best) - len(plain)) <= 1 else word

    # --- suggestions -----------------------------------------------------------------------------------------------------

    def services_with(self, noun: str, *, actions: bool) -> list[str]:
        """Services whose actions (or events) are about ``noun``."""
        senses = self.actions if actions else self.events
        return list(dict.fromkeys(sense.service for sense in senses if sense.noun == noun))


_NOUNISH = re.compile(
    r"\b(?:task|board|card|issue|ticket|page|database|folder|channel|workspace|server|payments|billing|drive crm)s?$"
)  # "trello card": the card is said too


def _ambiguous() -> frozenset[str]:
    return frozenset(
        {
            "gl",
            "guild",
            "intuit",
            "helpdesk",
            "my calendar",
            "my drive",
            "hangouts",
            "monday",
            "teams",
            "box",
            "drive",
            "calendar",
            "ga",
            "analytics",
            "google",
            "meet",
            "chat",
            "microsoft",
            "team",
            "mail",
            "gmail",
            "outlook",
        }
    )


def _inflection(word: str, known: str) -> bool:
    stem = known.rstrip("ed") if known.endswith("ed") else known.rstrip("e")
    return word.startswith(stem) and word[len(stem) :] in ("s", "es", "ed", "d", "ing", "er", "ers", "'s", "e", "ment", "ly", "al", "ion")


def _words(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) if pattern else None


def _event_sense(service: Service, event: str) -> Sense:
    noun, _, happening = event.rpartition("_")
    if event == "push":
        noun, happening = "push", "push"
    objects = phrases.NOUNS.get(noun) or (
        noun.replace("_", r"\s+") + "s?" if noun and noun not in ("metric", "anomaly", "health", "push") else None
    )
    phrase = phrases.EVENT_PHRASES.get(f"{service.id}.{event}")
    return Sense(service.id, event, noun, _words(objects), _words(phrases.HAPPENINGS.get(happening, happening)), _pattern(phrase))


def _action_sense(service: Service, operation: str) -> Sense:
    deed, _, noun = operation.partition("_")
    noun = noun.removeprefix("to_")
    objects = phrases.NOUNS.get(noun) or (noun.replace("_", r"\s+") + "s?" if noun else None)
    phrase = phrases.ACTION_PHRASES.get(f"{service.id}.{operation}")
    strict = f"{service.id}.{operation}" in phrases.STRICT
    return Sense(service.id, operation, noun, _words(objects), _words(phrases.DEEDS.get(deed, deed)), _pattern(phrase), strict)


def _pattern(text: str | None) -> re.Pattern[str] | None:
    if text is None:
        return None
    return re.compile(text, 0 if "GET|POST" in text else re.IGNORECASE)
