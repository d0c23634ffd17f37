"""What a language must not touch: quotes, links, channels, people, ids, code, names; each becomes one character and comes back unchanged."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intents import phrases
from intents.languages.data import Language
from intents.languages.folding import FIRST_MARK, LAST_MARK, MARKS

_SERVICES = "|".join(
    sorted((re.escape(name).replace(r"\ ", r"[\s_-]") for names in phrases.SERVICE_NAMES.values() for name in names), key=len, reverse=True)
)
_CODE = re.compile(
    r"<[^<>\n]{1,400}>"  # the face's own tokens
    r"|https?://\S+"
    r"|[\w.+-]+@[\w-]+\.[\w.-]*\w|(?<!\w)@[\w.-]*\w|(?<!\w)#[\w.-]*\w"
    r"|\{\{[^{}\n]{0,200}\}\}"
    r"|(?<![\w.])/[\w./-]*\w|\b\w[\w-]*(?:/[\w.-]+)+"  # paths, owner/name
    r"|\b[a-zA-Z][\w-]*(?:[._][a-zA-Z]\w*)+\b(?!\.\s)"  # build.yml, jira.comment_added, some_name
    r"|\b\w+(?:==|!=|<=|>=)\S+"
    r"|\b[A-Za-z]{1,8}-\d+\b|\b(?!\d{1,2}h\d{0,2}\b)(?:\d+[A-Za-z]+\d+\w*|[A-Za-z]+\d{2,}\w*)\b"
)
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


class Masked:
    """A text with marks, and what they stand for. ``full`` when there were more than there are marks: then nothing may be rewritten."""

    def __init__(self, text: str, kept: Sequence[str] = (), full: bool = False) -> None:
        self.text = text
        self.kept = list(kept)
        self.full = full

    def hide(self, words: str) -> str:
        """The mark for ``words``."""
        if FIRST_MARK + len(self.kept) > LAST_MARK:
            self.full = True
            return words
        self.kept.append(words)
        return chr(FIRST_MARK + len(self.kept) - 1)

    def shown(self, text: str) -> str:
        """Marks back to what was there; a mark may stand for words that hold marks."""
        for _ in range(3):
            text = re.sub(
                f"[{MARKS}]",
                lambda match: self.kept[ord(match[0]) - FIRST_MARK] if ord(match[0]) - FIRST_MARK < len(self.kept) else "",
                text,
            )
        return text


def masked(text: str, quoted: re.Pattern[str], workflows: Sequence[str] = ()) -> Masked:
    """What no language may touch, whichever it is."""
    out = Masked(text)
    out.text = quoted.sub(lambda match: out.hide(match[0]), out.text)
    out.text = _CODE.sub(lambda match: out.hide(match[0]), out.text)
    names = sorted((name for name in workflows if len(name) > 3), key=len, reverse=True)[:200]
    if names:
        pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(re.escape(name) for name in names)})(?![\w-])", re.IGNORECASE)
        out.text = pattern.sub(lambda match: out.hide(match[0]), out.text)
    out.text = re.sub(rf"(?<![\w-])(?:{_SERVICES})(?!\w)(?=-?)", lambda match: out.hide(match[0]), out.text, flags=re.IGNORECASE)
    return out


def hide_names(out: Masked, language: Language) -> None:
    """Names by their shape: behind "workflow", with hyphens, with a capital in the middle of a sentence where nouns have none."""
    out.text = re.sub(f"([{MARKS}])-(?=[^\\W\\d_])", r"\1 ", out.text)  # Jira-Ticket: the product and the thing
    for opening in language.text_after:
        out.text = _own_words(out, opening)
    out.text = _WORD.sub(lambda match: _hyphened(out, match, language), out.text)
    out.text = _named(out, language)


def _own_words(out: Masked, opening: str) -> str:
    match = re.search(rf"(?<!\w)(?:{opening})\s*:\s*(?=\S)", out.text, re.IGNORECASE)
    return out.text if match is None else out.text[: match.end()] + out.hide(out.text[match.end() :])


def _hyphened(out: Masked, match: re.Match[str], language: Language) -> str:
    word = match[0]
    if "-" not in word:
        return word
    parts = word.split("-")
    if all(language.fold(part) in language.clitics for part in parts[1:]):
        return " ".join(parts)
    known = [language.knows(language.fold(part)) for part in parts]
    if parts[0].lower() not in language.halves and len(parts) == 2 and known[1] and parts[1][:1].isupper():
        return f"{parts[0]} {parts[1].lower()}"  # small, for what stands behind "workflow" with a capital is a name
    return word if parts[0].lower() in language.halves else out.hide(word)


def _named(out: Masked, language: Language) -> str:
    """Names of one or more words, behind the nouns that are followed by names or by their capitals."""
    text, pieces, done = out.text, [], 0
    words = list(_WORD.finditer(text))
    index = 0
    while index < len(words):
        last = _name_at(words, index, text, language)
        if last is None:
            index += 1
            continue
        start, end = words[index].start(), words[last].end()
        pieces += [text[done:start], out.hide(_quoted(text[start:end]))]
        done, index = end, last + 1
    return "".join([*pieces, text[done:]])


def _quoted(name: str) -> str:
    """A name of several words, some of them small, in quotation marks: without its capitals no reader sees where it ends."""
    return f'"{name}"' if any(part[0].islower() for part in name.split()) and '"' not in name else name


def _name_at(words: Sequence[re.Match[str]], index: int, text: str, language: Language) -> int | None:
    word = words[index][0]
    if not word[0].isupper() or (word.isupper() and len(word) > 3 and text.isupper()):
        return None
    before = text[words[index - 1].end() : words[index].start()] if index else "."
    behind_noun = index > 0 and before.strip() == "" and language.fold(words[index - 1][0]) in language.names_after
    middle = index > 0 and before.strip(" ") in ("", ",") and not language.capital_nouns
    if not (behind_noun or middle):
        return None
    if not behind_noun and language.fold(word) in language.never_names:
        return None
    last = index
    while (step := _further(words, last, text, language, behind_noun)) > 0:
        last += step
    if word.isupper() and language.knows(language.fold(word)) and last == index and not behind_noun:
        return None
    return last


def _further(words: Sequence[re.Match[str]], last: int, text: str, language: Language, behind_noun: bool) -> int:
    """By how many words a name goes on: capitals always, small words where a noun has announced the name."""
    if last + 1 >= len(words) or text[words[last].end() : words[last + 1].start()] != " ":
        return 0
    following = language.fold(words[last + 1][0])
    if following in language.names_end:
        return 0
    if words[last + 1][0][0].isupper():
        return 0 if language.capital_nouns and following in language.surely else 1
    if following in language.names_join:
        if last + 2 >= len(words) or text[words[last + 1].end() : words[last + 2].start()] != " ":
            return 0
        after = words[last + 2][0]
        own = after[0].isupper() or (behind_noun and language.fold(after) not in language.names_end | language.surely)
        return 2 if own and not language.fold(after).isdigit() else 0
    return 1 if behind_noun and not language.capital_nouns and following not in language.surely and following.isalpha() else 0
