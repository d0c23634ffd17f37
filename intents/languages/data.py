"""A language as its data file says it, checked once when it is first spoken."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from intents.languages.folding import MARKS, folded

FOLDER = Path(__file__).parent
LANGUAGES = tuple(sorted(file.stem for file in FOLDER.glob("*.toml") if file.stem != "english"))
MOVABLE = "\ue8ff"  # behind an English verb that stands at the end of its clause and belongs to its beginning
ARTICLE = "~"  # in a phrase: an article may stand here
_KEYS = frozenset(
    {
        "name",
        "code",
        "spellings",
        "surely",
        "articles",
        "names_after",
        "names_join",
        "names_end",
        "text_after",
        "clitics",
        "letters",
        "capital_nouns",
        "never_names",
        "halves",
        "separable",
        "before",
        "phrases",
        "after",
    }
)


class BadLanguage(ValueError):
    """A data file that does not hold to the schema; the sentence says where and what is expected."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """``words`` folded; a word that ends in ``*`` is the beginning of one, ``~`` an article that may be missing."""

    words: tuple[str, ...]
    english: str


@dataclass(frozen=True, slots=True)
class Language:
    """Everything that is known of a language. Patterns are compiled; ``phrases`` stand under the first word or its beginning."""

    name: str
    code: str
    spellings: tuple[tuple[str, str], ...]
    surely: frozenset[str]  # words by which the language is told, rewritten or not
    letters: str  # letters that few other languages have
    articles: frozenset[str]
    names_after: frozenset[str]  # nouns behind which a word with a capital is a name
    names_join: frozenset[str]  # small words that stand inside a name
    names_end: frozenset[str]  # words that belong to no name, wherever they stand
    text_after: tuple[str, ...]  # words behind which somebody's own words follow up to the end
    clitics: frozenset[str]  # what hangs behind a verb with a hyphen
    never_names: frozenset[str]  # what may have a capital in the middle of a sentence without being a name
    halves: frozenset[str]  # first halves of words that are written with a hyphen
    capital_nouns: bool  # every noun has a capital, so a capital tells no name
    before: tuple[tuple[re.Pattern[str], str], ...]
    exact: Mapping[str, tuple[Phrase, ...]]
    stems: Mapping[str, tuple[Phrase, ...]]
    after: tuple[tuple[re.Pattern[str], str], ...]

    def fold(self, text: str) -> str:
        return folded(text, self.spellings)

    def knows(self, word: str) -> bool:
        """Whether a phrase may begin with ``word`` (folded), or it is one of the small words."""
        return word in self.exact or word in self.surely or any(word[:length] in self.stems for length in range(3, len(word) + 1))


@cache
def english_words() -> frozenset[str]:
    """Words that tell an English sentence: those of its file, and those that the languages are rewritten into."""
    with (FOLDER / "english.toml").open("rb") as file:
        own = set(str(tomllib.load(file)["words"]).split())
    for name in LANGUAGES:
        said = [phrase.english for phrases in language(name).exact.values() for phrase in phrases]
        own.update(re.findall(r"[a-z]{2,}", " ".join(said).lower()))
    return frozenset(own)


@cache
def language(file: str) -> Language:
    """By the name of its file. Raises ``BadLanguage``, or ``OSError`` where there is no such file."""
    with (FOLDER / f"{file}.toml").open("rb") as opened:
        return read_language(tomllib.load(opened), file)


def read_language(data: Mapping[str, Any], file: str) -> Language:
    """A parsed data file → the language, or ``BadLanguage``."""
    strange = sorted(set(data) - _KEYS)
    if strange:
        raise BadLanguage(f"{file}.toml: I do not know {', '.join(strange)}. The parts of a language are {', '.join(sorted(_KEYS))}.")
    spellings = tuple((str(typed), str(kept)) for typed, kept in data.get("spellings", []))

    def words(key: str) -> frozenset[str]:
        said = data.get(key, "")
        if not isinstance(said, str):
            raise BadLanguage(f"{file}.toml: {key} is a text with words between spaces.")
        return frozenset(folded(said, spellings).split())

    for key in ("name", "code", "phrases"):
        if not data.get(key):
            raise BadLanguage(f"{file}.toml: {key} is missing.")
    exact, stems = _index(_phrases(data["phrases"], spellings, file))
    separable = [_separable(entry, file) for entry in data.get("separable", [])]
    return Language(
        str(data["name"]), str(data["code"]), spellings, words("surely"), re.escape(str(data.get("letters", ""))), words("articles"), words("names_after"), words("names_join"), words("names_end"),
        tuple(re.escape(str(text)) for text in data.get("text_after", [])), words("clitics"), words("never_names"), words("halves"), bool(data.get("capital_nouns", False)),
        (*_patterns(data.get("before", []), file, "before"), *separable), exact, stems, _patterns(data.get("after", []), file, "after"),
    )  # fmt: skip


def _phrases(said: object, spellings: tuple[tuple[str, str], ...], file: str) -> list[Phrase]:
    if not isinstance(said, Mapping):
        raise BadLanguage(f"{file}.toml: phrases is a table: English words = [phrases of the language].")
    found = []
    for english, phrases in said.items():
        if not isinstance(phrases, list) or not all(isinstance(phrase, str) and phrase.strip() for phrase in phrases):
            raise BadLanguage(f"{file}.toml: behind “{english}” stands a list of phrases.")
        for phrase in phrases:
            parts = tuple(folded(phrase, spellings).replace("-", " ").split())
            if not re.fullmatch(r"\w+\*?", parts[0]) or any(part != ARTICLE and not re.fullmatch(r"\w+\*?", part) for part in parts):
                raise BadLanguage(
                    f"{file}.toml: “{phrase}” (for “{english}”) is not made of words; * may end one, ~ stands for an article."
                )
            if len(parts[0]) < 4 and parts[0].endswith("*"):
                raise BadLanguage(f"{file}.toml: “{phrase}” (for “{english}”) begins with fewer than three letters before its *.")
            found.append(Phrase(parts, english.replace("+", MOVABLE) if english != "-" else ""))
    return found


def _index(phrases: list[Phrase]) -> tuple[dict[str, tuple[Phrase, ...]], dict[str, tuple[Phrase, ...]]]:
    exact: dict[str, list[Phrase]] = {}
    stems: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        first = phrase.words[0]
        (stems if first.endswith("*") else exact).setdefault(first.rstrip("*"), []).append(phrase)
    return {key: tuple(found) for key, found in exact.items()}, {key: tuple(found) for key, found in stems.items()}


def _patterns(said: object, file: str, part: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    if not isinstance(said, list):
        raise BadLanguage(f"{file}.toml: {part} is a list of pairs [pattern, what stands there instead].")
    out = []
    for entry in said:
        if not isinstance(entry, list) or len(entry) != 2:
            raise BadLanguage(f"{file}.toml: {part} holds {entry!r}, which is no pair [pattern, what stands there instead].")
        out.append(_compiled(str(entry[0]), str(entry[1]), file))
    return tuple(out)


def _separable(entry: object, file: str) -> tuple[re.Pattern[str], str]:
    """["leg|lege", "an", "anlegen"]: the verb and its far prefix become one word, up to the end of the clause."""
    if not isinstance(entry, list) or len(entry) != 3:
        raise BadLanguage(f"{file}.toml: separable holds {entry!r}, which is no [verb, prefix, the whole verb].")
    verb, prefix, whole = (str(part) for part in entry)
    end = r"(?=\s*(?:[,.;:!?\n]|$|und\b|dann\b|bitte\b|wenn\b|sobald\b|falls\b|mit\b))"
    return _compiled(rf"\b(?:{verb})\b([^,.;:!?\n]{{0,120}}?)\s(?:{prefix})\b{end}", rf"{whole}\1", file)


def _compiled(pattern: str, instead: str, file: str) -> tuple[re.Pattern[str], str]:
    """In a pattern ``§`` is a name, quote, channel, person or number that nobody touches."""
    try:
        found = re.compile(pattern.replace("§", f"[{MARKS}]"))
        re.sub(found, instead, "")
        _ = re.compile(found.pattern + "|").sub(instead, "")  # so that a reference to a group that is not there shows here
    except (re.error, IndexError) as problem:
        raise BadLanguage(f"{file}.toml: the pattern “{pattern}” → “{instead}” does not work: {problem}.") from None
    return found, instead
