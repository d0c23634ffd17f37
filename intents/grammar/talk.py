"""What is not for us: greetings, thanks, talk between people, and attempts to talk the bot out of its rules."""

from __future__ import annotations

import re

from intents.text import spoken

_GREETING = re.compile(
    r"^\s*(?:(?:hi|hey|hello|yo|hiya|howdy|good\s+(?:morning|afternoon|evening|night)|morning|evening|greetings|gm"
    r"|sup)\b[\s,!.]*(?:everyone|all|team|folks|guys|there|bot|signalbox|@\S+)?[\s!.]*)+$",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"^\s*(?:(?:many\s+)?thanks?(?:\s+you)?|thx|ty|cheers|great|nice|cool|awesome|perfect|good\s+(?:bot|job|work)"
    r"|well\s+done|lovely|you(?:'re|\s+are)\s+(?:a\s+lifesaver|great|the\s+best|awesome)|much\s+appreciated)\b.{0,60}$"
    r"|^\s*(?:ok(?:ay)?|kk|k|sure|yes|no|yep|nope|lol|haha)\b[\s!.]*$",
    re.IGNORECASE,
)
INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|skip)\s+(?:all\s+|any\s+|your\s+|the\s+|my\s+|previous\s+|prior\s+"
    r"|above\s+|these\s+|those\s+|earlier\s+)*(?:rules?|instructions?|prompts?|guidelines|restrictions?|policies"
    r"|policy|safety|confirmations?|safeguards|programming)\b"
    r"|\byou\s+are\s+now\s+(?:\w+\s+)?(?:dan|free|jailbroken|unrestricted|an?\s+\w+\s+(?:without|with\s+no))"
    r"|\bno\s+restrictions\b|\bsystem\s+(?:override|prompt|message)\b|\bprompt\s+injection\b|\bjailbreak"
    r"|\bdeveloper\s+mode\b"
    r"|\b(?:output|print|reveal|show|dump|leak|send|give|list|expose|tell)\b.{0,40}\b(?:api\s+(?:keys?|tokens?)"
    r"|tokens?|secrets?|passwords?|credentials|webhook\s+secrets?|private\s+keys?|system\s+prompt)\b"
    r"|</?(?:system|user|assistant|instructions?|im_start|im_end)\b|<\|im_|\[/?INST\]|\bact\s+as\s+(?:if|an?|the)\b"
    r"|\bpretend\s+(?:to\s+be|you)\b|\broleplay\b"
    r"|\bdrop\s+table\b|;\s*--|\bunion\s+select\b|\brm\s+-rf\b|<script\b|\bskip\s+confirmations?\b"
    r"|\bfrom\s+now\s+on\b.*\b(?:confirm|rules?|obey|always\s+do)",
    re.IGNORECASE,
)
_HYPOTHETICAL = re.compile(
    r"^\s*(?:what\s+(?:would|if)|would\s+you|could\s+someone|imagine|suppose|hypothetically|in\s+theory"
    r"|do\s+you\s+(?:think|like|ever|know|remember|have\s+feelings))\b",
    re.IGNORECASE,
)
_STORY = re.compile(
    r"^\s*(?:I\s+(?:love|like|hate|think|thought|wish|hope|wonder|remember|had|was|saw|know|guess|believe|miss)"
    r"|we\s+(?:used\s+to|had|were|should\s+probably|talked|already|never|also\s+had)|(?:the|our|my|that"
    r"|this)\s+\w+(?:\s+\w+)?\s+(?:went|was|were|looks?\s+(?:great|good|nice|bad)|turned\s+out|is\s+(?:great|nice"
    r"|awesome|annoying|way\s+too))|happy\s+|congrat\w*|welcome\s+(?:back|to)|sorry|brb|afk|bbl|lunch|see\s+you|bye"
    r"|good\s+night|it\s+was|they\s+(?:said|were|are)|remember\s+when|did\s+(?:you|anyone|anybody)|has\s+any(?:one"
    r"|body)|who\s+(?:wants|took|ate|else)|does\s+any(?:one|body)|is\s+any(?:one|body)|any(?:one|body)\s+(?:up|want"
    r"|know|here|else))\b",
    re.IGNORECASE,
)
_TO_SOMEBODY = re.compile(
    r"^\s*@(?!signalbox\b)[\w.-]+[\s,:]+(?:did|do|does|can|could|are|is|have|has|will|would|what|when|where|why|how"
    r"|please|pls|you|thanks|any|i|we|the|let's|could)\b",
    re.IGNORECASE,
)
_NEVER_MIND = re.compile(
    r"^\s*(?:never\s?mind|nvm|ignore\s+(?:my|that|this|the)\b.*|forget\s+(?:it|about\s+it)|wrong\s+channel.*|oops.*"
    r"|disregard\s+(?:that|my).*|not\s+you\b.*)$",
    re.IGNORECASE,
)


def smalltalk_reply(text: str) -> str | None:
    """A short answer to a greeting or thanks, "" for other talk that is not for us, None when it may be a request."""
    if _GREETING.match(text):
        return "Hello! Tell me what you need, for example “how healthy are our services?”, or type /signalbox help."
    if _THANKS.match(text) and len(text.split()) <= 9:
        return "You are welcome." if re.match(r"\s*(?:many\s+)?(?:thank|thx|ty|cheers|much)", text, re.IGNORECASE) else ""
    if _NEVER_MIND.match(text):
        return ""
    if _STORY.match(text) or _TO_SOMEBODY.match(text):
        return ""
    return None


def is_injection(text: str) -> bool:
    """An instruction aimed at the bot's rules or secrets rather than a request. What is only cited instructs nobody."""
    return bool(INJECTION.search(spoken(text)))


def is_hypothetical(text: str) -> bool:
    return bool(_HYPOTHETICAL.match(text))
