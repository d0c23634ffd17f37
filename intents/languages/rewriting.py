"""A sentence in another language → the English words that the grammar reads, with the share of it that was rewritten.

    mask → tell the language → patterns of times and far verbs → longest phrases → patterns of order → unmask

Pure, total, and bounded: every step passes over the text once for each rule, and a text that is too long stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from intents.languages.data import ARTICLE, LANGUAGES, MOVABLE, Language, Phrase, english_words, language
from intents.languages.folding import MARKS
from intents.languages.masking import Masked, hide_names, masked
from intents.languages.order import moved
from intents.text import LIMIT, QUOTED

_SPOKEN = re.compile(rf"[{MARKS}]|[^\W_]+")
_JOINED = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Heard:
    """``english`` is the text itself where ``language`` is "" (English, or nothing that tells). ``share``: 0..1 of its words rewritten."""

    english: str
    language: str = ""
    share: float = 1.0
    left: tuple[str, ...] = field(default=())  # words that stayed as they were


def in_english(text: str, locale: str = "", workflows: Sequence[str] = ()) -> Heard:
    """``text`` (cleaned, not a slash command) in English words; ``locale`` is a BCP 47 tag of the person or "". Never raises."""
    if len(text) > LIMIT or not _LETTERS.search(text):
        return Heard(text)
    bare = masked(text, QUOTED, workflows)
    if bare.full:
        return Heard(text)
    heard = [found for tongue in spoken(bare.text, locale) if (found := _heard(bare, tongue)) is not None]
    best = max(heard, key=lambda found: found.share, default=Heard(text))
    return (
        best if best.share >= _READ or any(tongue.name == best.language for tongue in spoken(bare.text, locale, _SURELY)) else Heard(text)
    )


def _heard(bare: Masked, tongue: Language) -> Heard | None:
    own = Masked(bare.text, bare.kept)
    hide_names(own, tongue)
    english, read, left = _rewritten(own, tongue)
    if own.full:
        return None
    total = read + len(left)
    return Heard(own.shown(english), tongue.name, round(read / total, 3) if total else 1.0, left)


def spoken(bare: str, locale: str = "", least: float = 0.85) -> list[Language]:
    """The languages that a masked text may be in, likeliest first; none for English and for what tells nothing.

    ``least`` is how many words must tell: one that only this language has is the least.
    """
    scores = []
    for name in LANGUAGES:
        told, english = _told(bare, language(name))
        told += _AT_HOME if locale and told and language(name).code == locale[:2].lower() else 0.0
        if told >= least and told >= 1.25 * english:
            scores.append((told, name))
    scores.sort(reverse=True)
    return [language(name) for told, name in scores if told >= _CLOSE * scores[0][0]]


_AT_HOME = 0.6  # what the locale of a person is worth, in words
_SURELY = 1.2  # more than one word that only this language has
_READ = 0.99  # of a sentence that one word tells the language of, every word must be known
_CLOSE = 0.75  # languages as near as this are tried too, and the one that leaves fewest words unread is it


def _told(bare: str, tongue: Language) -> tuple[float, int]:
    """(how much tells of this language, words that tell of English). What both have tells of neither."""
    text = _JOINED.sub(lambda match: match[0] if tongue.fold(match[0]).rsplit("-", 1)[1] in tongue.clitics else " ", bare)
    score, english = 0.0, 0
    for word in _LETTERS.findall(tongue.fold(text)):
        small, starts = word in tongue.surely, word in tongue.exact
        if word in english_words():
            english += not (small or starts)
        elif small:
            score += (1.0 if len(word) > 1 else 0.3) * (1.5 if word in tongue.articles else 1.0)
        elif starts and len(word) > 1:
            score += 0.9
        elif len(word) > 4 and any(word[:length] in tongue.stems for length in range(4, len(word) + 1)):
            score += 0.85
    return score + (0.4 if tongue.letters and re.search(f"[{tongue.letters}]", bare, re.IGNORECASE) else 0.0), english


# --- rewriting ----------------------------------------------------------------------------------------------------------------------


def _rewritten(bare: Masked, tongue: Language) -> tuple[str, int, tuple[str, ...]]:
    """(English with marks, words read, words left)."""
    text = bare.text
    known: dict[str, str] = {}
    for word in _LETTERS.findall(text):
        known.setdefault(tongue.fold(word), word)
    text = tongue.fold(text)
    for pattern, instead in tongue.before:
        text = pattern.sub(instead, text)
    text, read, left = _phrases(text, tongue, bare, known)
    for pattern, instead in tongue.after:
        text = pattern.sub(instead, text)
    text = re.sub(r"(?<=\w)\s+please\b", "", moved(text))  # English says it first or not at all
    return re.sub(r"[ \t]+", " ", re.sub(r"\s+([,.;:!?])", r"\1", text)).strip(), read, left


def _phrases(text: str, tongue: Language, bare: Masked, known: dict[str, str]) -> tuple[str, int, tuple[str, ...]]:
    tokens = list(_SPOKEN.finditer(text))
    words = [token[0] for token in tokens]
    near = [index > 0 and text[tokens[index - 1].end() : token.start()].strip(" \t-,") == "" for index, token in enumerate(tokens)]
    out: list[str] = []
    left: list[str] = []
    done = index = read = 0
    while index < len(tokens):
        phrase, end = _longest(words, near, index, tongue)
        out.append(text[done : tokens[index].start()])
        if phrase is not None:
            out.append(phrase.english)
            read += end - index
        else:
            end = index + 1
            word = words[index]
            out.append(_kept(word, bare, known))
            if word in english_words() or word in tongue.surely or word in tongue.articles:
                read += 1
            elif word[0].isalpha() and not MARKS[0] <= word[0] <= MARKS[2]:
                left.append(known.get(word, word))
        done, index = tokens[end - 1].end(), end
    return "".join([*out, text[done:]]), read, tuple(left)


def _kept(word: str, bare: Masked, known: dict[str, str]) -> str:
    """A word that no phrase knows comes back as it was typed."""
    typed = known.get(word, word)
    return word if typed == word or not word.isalpha() or MARKS[0] <= word[0] <= MARKS[2] else bare.hide(typed)


def _longest(words: Sequence[str], near: Sequence[bool], index: int, tongue: Language) -> tuple[Phrase | None, int]:
    word = words[index]
    candidates = [*tongue.exact.get(word, ())]
    for length in range(3, len(word) + 1):
        candidates += tongue.stems.get(word[:length], ())
    best: tuple[tuple[int, int, int], Phrase | None, int] = ((0, 0, 0), None, index)
    for phrase in candidates:
        end = _matched(words, near, index, phrase, tongue)
        if end:
            rank = (end - index, sum(not part.endswith("*") for part in phrase.words), sum(map(len, phrase.words)))
            if rank > best[0]:
                best = (rank, phrase, end)
    return best[1], best[2]


def _matched(words: Sequence[str], near: Sequence[bool], index: int, phrase: Phrase, tongue: Language) -> int:
    """Where the phrase ends, 0 when it does not stand here."""
    at = index + 1
    for part in phrase.words[1:]:
        if part == ARTICLE:
            at += at < len(words) and near[at] and words[at] in tongue.articles
            continue
        if at >= len(words) or not near[at]:
            return 0
        if not (words[at].startswith(part[:-1]) if part.endswith("*") else words[at] == part):
            return 0
        at += 1
    return at


__all__ = ["MOVABLE", "Heard", "in_english", "spoken"]
