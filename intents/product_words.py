"""What people call the things that mail, messengers, calendars, file stores and code hosts hold, and what they do with them. Data only."""

from __future__ import annotations

# Things that belong to one kind of service even where no product is named.
TOPICS: dict[str, str] = {
    "email": r"e-?mails?|gmails?|in-?box(?:es)?|e-?mailing|(?:a|my|the|new|some|send|this|have|get|any)\s+mails?",
    "google_calendar": r"i?-?(?:calendar|calender|cal)s?|(?:my|the|our|your)\s+(?:\w+\s+){0,2}(?:schedules?|agenda|meetings?|appointments?|events?)"
    r"|schedules?\s+(?:I|we)\b|meetings?|appointments?|(?:urgent|upcoming|scheduled|organi[sz]ed)\s+events?|events?\s+(?:is|are|about)\b",
}

# The same where somebody asks to see them: "how does my schedule look".
FILE_STORES = ("dropbox", "google_drive", "onedrive", "box")
MESSENGERS = ("slack", "discord", "teams", "google_chat")
CODE_HOSTS = ("github", "gitlab")

# What the things in a service are called, where the service's name alone may be a place ("a message on slack").
THINGS: dict[str, str] = {
    "messages": r"messages?|dms?|chats?|threads?|conversations?|chat\s+history",
    "files": r"files?|folders?|director(?:y|ies)|documents?|docs?|pictures?|photos?|pics?|images?|pdfs?|spreadsheets?|contents?|stuff|backups?|uploads?"
    r"|[\w/-]+\.(?:txt|docx?|pdf|xlsx?|csv|pptx?|png|jpe?g|gif|zip|md|json|mp3|mp4|mov)",
    "code": r"commits?|issues?|pull\s+requests?|prs?|merge\s+requests?|milestones?|releases?|comments?|push(?:es)?|bugs?|tickets?|repos?(?:itor(?:y|ies))?",
    "mail": r"e-?mails?|g?mails?|gmails|messages?|subjects?|senders?|snippets?|attachments?",
    "events": r"events?|meetings?|appointments?|invites?|calls?|schedules?",
}

# Somebody only wants to hear of it.
TELL_ME = (
    r"(?:notify|alert|alart|tell|inform|warn|text|message|ping|remind|update|acknowledge|apprise|advise|email\s+me\s+to\s+tell|let|send|show|give|keep"
    r"|get|make)\s+(?:me|us|myself)\b"
)
WATCH = (
    r"(?:monitor|watch(?:\s+(?:for|over|out\s+for))?|track|keep\s+(?:me\s+)?(?:track\s+of|an\s+eye\s+on|tabs\s+on|watch\s+(?:of|on|over)"
    r"|(?:up\s*dated|informed|posted)\s+(?:on|of|about|with))|screen|observe|look\s+out\s+for|be\s+on\s+the\s+lookout\s+for|follow)"
)
NEWS = (
    r"updates?|updated|updating|chang(?:e[sd]?|ing)|modifi(?:es|ed|cations?)|modify|alter(?:s|ed|ations?)?|edit(?:s|ed)|differs?|switch(?:es|ed)?"
    r"|arriv(?:es?|al|als|ed|ing)|coming\s+in|com(?:es?|ing)\s+in|notifications?\s+(?:of|for|about|on)|new|start(?:s|ing|ed)?|begin(?:s|ning)?"
    r"|receiv(?:e|es|ing)|receipt|incoming|every|each|any\s?time|automatic(?:ally)?|whenever|opened|created|ends?|ended"
)
HAPPENS = (
    r"get(?:s|ting)?|got|receiv(?:e|es|ed|ing)|receipt|arriv\w+|com(?:e|es|ing)|is|are|was|has|have|had|update[sd]?|updating|chang(?:e[sd]?|ing)"
    r"|modif\w+|alter\w*|edit\w*|add(?:ed|s)?|creat\w+|open(?:s|ed)?|posts?|posted|sends?|sent|comment\w*|commit\w*|push\w*|start\w*|begin\w*"
    r"|end(?:s|ed)?|new|obtain\w*|differs?|switch\w*|delet\w+|remov\w+|appears?|shows?|mov(?:e[sd]?|ing)|check\w*|does|do|don't|doesn't|contains?"
    r"|includes?|says?|made|makes?|exceeds?|goes|occurs?|there(?:'s|'re)?|see|notice|issues?|messages?|e-?mails?|upload\w*|about|underway|equals?|mentions?"
)
CAUSES = (
    r"when(?:ever)?|if|once|any\s?time|as\s+soon\s+as|(?:each|every|any|the|the\s+next)\s+(?:time|moment|instant)(?:\s+that)?|upon|in\s+case(?:\s+of)?"
    r"|in\s+the\s+event(?:\s+(?:that|of))?|in\s+the\s+case(?:\s+(?:that|of))?|after|should|at\s+the\s+(?:time|moment|start|beginning|end)(?:\s+(?:that|of))?"
    r"|on\s+condition(?:\s+that)?|provided(?:\s+that)?|based\s+on|in\s+response\s+to|for\s+(?:each|every|any|all|an?)(?:\s+of)?|triggered\s+by"
    r"|before|in\s+the\s+situation\s+(?:that|where)|following|as\s+a\s+result\s+of"
)

READ_VERBS = (
    r"show|shwo|get|find|list|display|enumerate|fetch|retrieve|check|search|look|count|read|pull(?:\s+up)?|bring(?:\s+up)?|see|view|open|download|locate"
    r"|sort|order|organi[sz]e|arrange|filter|see|speak|say|tell|describe|report|calculate|compute|return|go\s+to|give|let|ask|access|browse|name"
    r"|(?:do|run|make|have|take|give)\s+(?:me\s+|us\s+)?(?:a|an|another)\s+(?:quick\s+|full\s+)?(?:search|count|list|look|check|tally|scan|lookup|overview|summary)"
    r"|tally|inspect|examine|review|consult|track\s+down|figure\s+out|find\s+out|work\s+out|discover|extract|add\s+up|sum\s+up|recite|sound\s+off|read\s+out|peek|compile|number|rank|hear"
    r"|identify|determine|pick|scan|provide|present|print|recall|load|file|want|need|inform|text|print|obtain|output|grab|acquire|collect|gather"
)
QUESTIONS = (
    r"how|what|what's|whats|which|when|where|who|do|does|did|is|are|am|have|has|were|was|(?:can|could|may)\s+(?:I|we)|i\s+(?:want|need|would\s+like|'d\s+like|wanna)"
    r"(?!\s+(?:you\s+)?to\s+(?:send|make|create|change|post|set|compose|write|reply|add|put|modify|update|move|upload|start|generate))"
)
WRITE_VERBS = (
    r"send|sent|sending|post|e-?mail|mail|gmail|reply|respond|answer|write|compose|create|creating|make|generate|begin|start|add|put|set|change|update|modify"
    r"|alter|edit|move|drag|transfer|shift|rename|copy|upload|save|store|comment|commenting|forward|share|submit|publish|message|dm|draft|prepare|attach|leave|drop"
    r"|build|produce|open|initiate|turn|switch|adjust|replace|convert|fix|name|deliver|shoot|use|place|establish|assign|automate|communicate|tell|say"
    r"|write|type|label|title|delete|remove|archive|close|push|back\s+up|sync|log|record|schedule|book|import|insert"
)

# Figures of many things: what is asked where no verb asks.
AMOUNTS = (
    r"(?:total|overall|combined|average|mean|median|exact)\s+\w+|(?:the\s+)?(?:number|amount|count|quantity|sum|size|length|list|names?|maximum|minimum|max|min|average|total|largest"
    r"|smallest|biggest|latest|newest|oldest|longest|shortest|first|last|next|earliest)\b|how\s+(?:many|much|big|large|long|old)|total"
)
SPACE = (
    r"(?:disk\s+|storage\s+|free\s+|used\s+|available\s+|remaining\s+)*(?:space|quota|storage|capacity|room|disk\s+usage|usage|memory|(?:giga|mega|tera|kilo)?bytes|[gmtk]b)"
    r"|(?:am|are|have|do|did)\s+(?:I|we)\s+(?:us(?:e|ed|ing)|left|got\s+left)"
)
# What is ours to tell, whatever product is named with it.
OURS = (
    r"alerts?|work\s?flows?|automations?|runs?|health|healthy|latency|error\s+rates?|errors?|response\s+times?|throughput|uptime|availability|outages?|incidents?|dependenc\w+|depends?"
    r"|costs?|pric\w+|licen[cs]es?|seats?|stock|better|versus|vs|competitors?|founded|owns|bought|invented"
    r"|analytics|thresholds?|maintenance|on[\s-]?call|fallbacks?|webhooks?|root\s+cause|status\s+of|success\s+rates?|slow(?:er|est)?|fast(?:er|est)?|down|broken|working|impact\w*|breaks?|fails?|failed|failing|failures?"
)
ROOM = r"rooms?|desks?|tables?|restaurants?|doctors?|dentists?|vets?|hair\w*|cars?|flights?|hotels?|parking"
