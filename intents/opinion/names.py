"""What services are called here, and where an ordinary word is a service's name. A list of its own, so that one error is not made by both readers."""

from __future__ import annotations

from rapidfuzz.distance import OSA

NAMES: dict[str, tuple[str, ...]] = {
    "slack": ("slack",), "discord": ("discord",), "teams": ("microsoft teams", "ms teams", "msteams"), "google_chat": ("google chat", "gchat"),
    "asana": ("asana",), "trello": ("trello",), "jira": ("jira",), "notion": ("notion",), "monday": ("monday.com", "mondaycom"),
    "google_calendar": ("google calendar", "gcal", "google cal", "calendar"), "google_drive": ("google drive", "gdrive", "g drive", "googledrive"),
    "dropbox": ("dropbox", "drop box"), "onedrive": ("onedrive", "one drive"), "box": ("box.com",), "salesforce": ("salesforce", "sfdc"),
    "hubspot": ("hubspot", "hub spot"), "zendesk": ("zendesk", "zen desk"), "github": ("github", "git hub", "gh"), "gitlab": ("gitlab", "git lab"),
    "stripe": ("stripe",), "quickbooks": ("quickbooks", "quick books", "qbo"), "google_analytics": ("google analytics", "ga4"),
    "mixpanel": ("mixpanel",), "email": (), "chat": (), "http": (), "signalbox": (),
}  # fmt: skip
_BY_NAME = {name: service for service, names in NAMES.items() for name in names}
_PLACES = frozenset({"in", "on", "to", "into", "via", "from", "with", "using", "if", "use", "for", "is", "of", "and", "or", "our"})
_UNSURE = {"box": "box", "teams": "teams", "monday": "monday", "drive": "google_drive"}  # words that are names in their place only
_BESIDE = {
    "monday": frozenset({"board", "item", "items", "status", "column", "pulse"}), "teams": frozenset({"channel", "meeting", "message", "call"}),
    "box": frozenset({"folder", "file", "files", "api"}), "drive": frozenset({"folder", "file", "files"}),
}  # fmt: skip
_LONG = tuple(name for name in sorted(_BY_NAME) if len(name) >= 5 and name.isalpha())


def service_at(words: list[str], at: int) -> tuple[str, int]:
    """The service named by the words from ``at`` on and how many words name it; ("", 0) for none. ``words`` are lower case but for proper names."""
    pair = " ".join(words[at : at + 2]).lower()
    if pair in _BY_NAME:
        return _BY_NAME[pair], 2
    word = words[at].lower()
    if word in _BY_NAME:
        return _BY_NAME[word], 1
    if word in _UNSURE:
        return (_UNSURE[word], 1) if _meant(words, at, word) else ("", 0)
    if len(word) >= 5 and word.isalpha():
        near = [name for name in _LONG if name[0] == word[0] and OSA.distance(word, name, score_cutoff=1) <= 1]
        if near:
            return _BY_NAME[near[0]], 1
    return "", 0


def _meant(words: list[str], at: int, word: str) -> bool:
    after = words[at + 1].lower() if at + 1 < len(words) else ""
    if after in _BESIDE[word]:
        return True
    before = words[at - 1].lower() if at else ""
    if word == "monday":
        return before == "in"
    return before in _PLACES or (words[at][0].isupper() and word != "drive")
