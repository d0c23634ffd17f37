"""What never leaves the house: credentials, cards and accounts are taken out, addresses of people travel as placeholders.

credentials, private keys, passwords, payment cards, IBANs → [secret-1] …                     never put back
e-mail addresses, telephone numbers, long opaque codes     → [email-1], [phone-1], [code-1]   put back into the answer here
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----|\Z)", re.DOTALL
)
_WEBHOOK = re.compile(r"https://(?:hooks\.slack\.com/\S+|(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\S+)", re.IGNORECASE)
_TOKEN = re.compile(
    r"\b(?:xox[abceprs]-[\w-]{8,}|xapp-[\w-]{8,}|gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|sk-[\w-]{16,}"
    r"|[rsp]k_(?:live|test)_\w{8,}|whsec_\w{8,}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{20,}|SG\.[\w-]{10,}\.[\w-]{10,}|npm_\w{20,}"
    r"|pypi-[\w-]{20,}|hf_\w{20,}|shpat_\w{16,}|dop_v1_\w{16,}|ATATT3[\w=-]{16,}|secret_\w{20,}|ntn_\w{20,}"
    r"|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{6,})"
)
_CARRIED = re.compile(r"(?i)(\b(?:bearer|basic)\s+)([\w.~+/=-]{16,})")
_NAMED = re.compile(
    r"(?i)((?:pass(?:word|wd|phrase|code)|pwd|pin)\s*(?:[:=]|\bis\b)\s*|(?:api[_ -]?key|secret(?:[_ -]?key)?|(?:access|auth|api|refresh)?[_ -]?token"
    r"|credentials?)\s*[:=]\s*)[\"'“`]?([^\s\"'”`,;]{4,})"
)
_USERINFO = re.compile(r"(://)([^\s/@:]{0,200}:[^\s/@]{1,200})(?=@)")
_QUERY = re.compile(r"(?i)([?&;](?:[\w-]{0,30}(?:token|secret|password|signature|key)|sig|code)=)([^\s&#]{4,})")
_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PHONE = re.compile(r"(?<![\w+])\+\d(?:[ ().-]{0,2}\d){7,14}(?!\w)")
_OPAQUE = re.compile(r"(?<![\w/.-])(?=[\w+-]*\d)(?=[\w+-]*[A-Za-z])[\w+-]{32,}={0,2}(?![\w/.-])")
_HELD = re.compile(r"\[(?:email|phone|code)-\d{1,3}\]")
HIDDEN = re.compile(r"\[secret(?:-\d+)?\]")


@dataclass(slots=True)
class Redactor:
    """One request's placeholders: the same value gets the same one. ``kept``: placeholder → value, of those that may be put back."""

    kept: dict[str, str] = field(default_factory=dict)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)

    def redact(self, text: str) -> str:
        for pattern in (_PEM, _WEBHOOK, _TOKEN):
            text = pattern.sub(lambda found: self._name("secret", found[0]), text)
        for pattern in (_CARRIED, _USERINFO, _QUERY, _NAMED):
            text = pattern.sub(self._behind, text)
        text = _CARD.sub(self._where("secret", _is_card), text)
        text = _IBAN.sub(self._where("secret", _is_iban), text)
        for kind, pattern in (("email", _EMAIL), ("phone", _PHONE), ("code", _OPAQUE)):
            text = pattern.sub(self._where(kind), text)
        return text

    def restore(self, value: Any) -> Any:
        """``value`` of JSON with the placeholders put back wherever a string holds them."""
        if isinstance(value, str):
            return _HELD.sub(lambda found: self.kept.get(found[0], found[0]), value)
        if isinstance(value, Mapping):
            return {key: self.restore(inner) for key, inner in value.items()}
        return [self.restore(inner) for inner in value] if isinstance(value, list) else value

    def _behind(self, found: re.Match[str]) -> str:
        return found[0] if HIDDEN.match(found[2]) else found[1] + self._name("secret", found[2])

    def _where(self, kind: str, holds: Callable[[str], bool] = bool) -> Callable[[re.Match[str]], str]:
        return lambda found: self._name(kind, found[0]) if holds(found[0]) else found[0]

    def _name(self, kind: str, value: str) -> str:
        known = self._names.get((kind, value))
        if known is not None:
            return known
        name = f"[{kind}-{sum(one == kind for one, _ in self._names) + 1}]"
        self._names[kind, value] = name
        if kind != "secret":
            self.kept[name] = value
        return name


def redacted(text: str) -> str:
    """Without what must not be sent; for texts whose answer names nobody."""
    return Redactor().redact(text)


def hides(value: Any) -> bool:
    """Whether a value of JSON names something that was taken out."""
    if isinstance(value, str):
        return HIDDEN.search(value) is not None
    if isinstance(value, Mapping):
        return any(hides(inner) for inner in value.values())
    return isinstance(value, list) and any(map(hides, value))


def _is_card(text: str) -> bool:
    """By Luhn's check digit (ISO/IEC 7812-1)."""
    digits = [int(char) for char in text if char.isdigit()][::-1]
    return (
        sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2]) > 0
        and (sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0
    )


def _is_iban(text: str) -> bool:
    """By its remainder of 97 (ISO 13616)."""
    plain = text.replace(" ", "")
    return 15 <= len(plain) <= 34 and int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1
