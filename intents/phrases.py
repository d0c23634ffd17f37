"""How people name things: synonyms for services, objects, deeds and happenings. Data only; the catalogue's ids are the keys.

A service, action or event that the catalogue knows and this file does not is still understood by the words of its id.
"""

from __future__ import annotations

# Names of services beyond the catalogue's own name, id and aliases. Lower case, whole words.
SERVICE_NAMES: dict[str, tuple[str, ...]] = {
    "slack": ("slack",),
    "discord": ("discord", "disc"),
    "teams": ("microsoft teams", "ms teams", "msteams"),
    "google_chat": ("google chat", "gchat", "g chat", "googlechat", "hangouts"),
    "asana": ("asana",),
    "trello": ("trello",),
    "jira": ("jira",),
    "notion": ("notion",),
    "monday": ("monday.com", "mondaycom"),
    "google_calendar": ("google calendar", "gcal", "icalendar", "i-calendar", "ical", "google cal", "g cal", "googlecalendar", "gcalendar"),
    "google_drive": ("google drive", "gdrive", "g drive", "googledrive"),
    "dropbox": ("dropbox", "drop box"),
    "onedrive": ("onedrive", "one drive"),
    "box": ("box.com",),
    "salesforce": ("salesforce", "sfdc", "sales force", "sf.com"),
    "hubspot": ("hubspot", "hub spot"),
    "zendesk": ("zendesk", "zen desk", "zd"),
    "github": ("github", "git hub", "gh"),
    "gitlab": ("gitlab", "git lab"),
    "stripe": ("stripe",),
    "quickbooks": ("quickbooks", "quick books", "qbo"),
    "google_analytics": ("google analytics", "ga4", "g analytics", "googleanalytics"),
    "mixpanel": ("mixpanel", "mix panel"),
}

# Names that are also ordinary words: a pattern that says when the service is meant. Case matters here.
SERVICE_PATTERNS: dict[str, str] = {
    "monday": r"(?<=\bin )(?<!@)[Mm]onday\b(?!\s+(?:at|morning|afternoon|evening|week|\d))|\b[Mm]onday(?=\s+(?:board|item|column"
    r"|status|workspace|pulse)s?\b)",
    "teams": r"\bTeams\b|\bTEAMS\b|\bteams(?=\s+(?:channel|meeting|message|chat|call|post)s?\b)|(?<=\bin )teams\b"
    r"|(?<=\bon )teams\b|(?<=\bvia )teams\b|(?<=\bto )teams\b(?=\s*(?:$|[.,;!?]|channel))",
    "box": r"(?<!Drop )(?<!drop )\bBox\b(?!\.com)|(?<=\bin )box\b|(?<=\bto )box\b|(?<=\bon )box\b|(?<=\bfrom )box\b"
    r"|(?<=\bfor )box\b|(?<=\buse )box\b|(?<=\bset )box\b|(?<=\btake )box\b|(?<=\bor )box\b|(?<=\bmake )box\b"
    r"|(?<=\bwith )box\b(?!es)|(?<=\bsearch )box\b|\b[Bb]ox(?=\s+(?:error|availability|latency|response|throughput|success|outage|uploads?|goes|looks|will|might|fails|file|folder)\b)|\bbox(?=\s+(?:folder|file|alert|down|health|status|is\s+down|upload|maintenance)s?\b)",
    "google_drive": r"\b[Dd]rive(?=\s+(?:is|goes|fails|can't|doesn't|isn't)\b)|(?<!One )\bDrive\b(?=\s+(?:folder|file)|\s*$|[.,;])|(?<=\bthe )drive(?=\s+folder)|(?<=\bin )Drive\b"
    r"|(?<=\bto )Drive\b",
    "google_calendar": r"\b[Cc]alendar(?=\s+(?:events?|invites?|invitations?|entr(?:y|ies)|meetings?)\b)|(?:(?<=\bthe )|(?<=\bmy )|(?<=\bour )|(?<=\bin )|(?<=\bthe team ))[Cc]alendar\b|\bGoogle\s+[Cc]al\b",
    "google_analytics": r"\bGA\b|\bga(?=\s+(?:report|realtime|sessions|metric|bounce|data))|(?<=\bin )ga\b|\bAnalytics\b(?=\s+report)",
    "google_chat": r"(?<=\bGoogle )Chat\b",
    "email": r"(?<![\w@.-])[Gg]-?[Mm]ail\b|(?<=\bfallback to )e-?mail\b|(?<=\bfall back to )e-?mail\b|(?<=\buse )e-?mail\b(?=\s+instead|\s*[.,;!]|\s*$)",
}

CATEGORIES: dict[str, str] = {
    r"file\s?-?stor(?:e|age)s?|storages?|cloud\s+(?:storage|drive)s?|file\s+(?:service|host)s?|drives?": "file_storage",
    r"crms?|sales\s+(?:system|tool|software)s?|customer\s+(?:system|database)s?|help\s?desks?|support\s+(?:tool|system|desk)s?": "crm",
    r"messengers?|chat(?:\s+(?:app|tool|service|platform)s?)?|messaging(?:\s+(?:app|tool|service|platform)s?)?"
    r"|communication(?:\s+(?:tool|service|app|platform)s?)?": "communication",
    r"project\s+(?:management(?:\s+(?:tool|app|service)s?)?|tool|tracker)s?|issue\s+trackers?|task\s+(?:manager|tool"
    r"|tracker|app)s?|ticket\s?trackers?|calendars?|to-?do\s+apps?|pm\s+tools?": "project_management",
    r"(?:dev(?:eloper|elopment)?|code|git|ci)\s+(?:host|hosting|platform|tool|service|forge)s?|repositor(?:y|ies)"
    r"|repo\s+hosts?|version\s+control": "development",
    r"payment\s+(?:provider|service|processor|system|tool)s?|financial\s+(?:service|tool)s?|finance\s+(?:tool"
    r"|service)s?|billing\s+(?:tool|system|service|provider)s?|accounting(?:\s+(?:tool|system|software)s?)?": "financial",
    r"analytics(?:\s+(?:tool|service|platform|provider)s?)?|tracking\s+tools?": "analytics",
}

# What things are called. Keys are parts of catalogue ids.
NOUNS: dict[str, str] = {
    "pull_request": r"pull[\s-]?requests?|prs?|pull-reqs?",
    "merge_request": r"merge[\s-]?requests?|mrs?",
    "issue": r"issues?|bugs?|tickets?|stor(?:y|ies)|epics?|incidents?|tasks?",
    "task": r"tasks?|to-?dos?",
    "card": r"cards?",
    "ticket": r"tickets?|cases?|support\s+requests?",
    "file": r"files?|documents?|docs?|pdfs?|images?|photos?|pictures?|spreadsheets?|attachments?|videos?|recordings?|scans?|uploads?|contracts?|receipts?|slides?|decks?|memos?",
    "record": r"records?|leads?|opportunit(?:y|ies)|accounts?|contacts?|cases?|opps?|campaigns?",
    "contact": r"contacts?|leads?|person|people",
    "deal": r"deals?",
    "deal_stage": r"deals?",
    "page": r"pages?|docs?|documents?|entr(?:y|ies)|notes?|rows?",
    "item": r"items?|pulses?|rows?",
    "event": r"events?|meetings?|appointments?|invites?|calls?",
    "comment": r"comments?|repl(?:y|ies)",
    "message": r"messages?|posts?|dms?|threads?",
    "reaction": r"reactions?|emojis?|reacts?",
    "member": r"members?|users?|people|person|someone|somebody|anyone|anybody|colleagues?|newcomers?|employees?",
    "release": r"releases?|versions?",
    "workflow_run": r"(?:github\s+)?(?:workflow|action|actions|ci|build|job|check)(?:\s+run)?s?|ci|builds?",
    "pipeline": r"pipelines?|ci|builds?|jobs?",
    "payment": r"payments?|charges?|transactions?|remittances?|transfers?|money",
    "invoice": r"invoices?|bills?",
    "subscription": r"subscriptions?|plans?|subs|subscribers?|memberships?",
    "dispute": r"disputes?|chargebacks?",
    "customer": r"customers?|clients?",
    "alert": r"alerts?|alarms?",
    "status": r"status(?:es)?|items?|state",
    "space": r"spaces?|rooms?",
    "channel": r"channels?",
    "thread": r"threads?",
    "role": r"roles?",
    "topic": r"topics?",
    "meeting": r"meetings?|calls?",
    "folder": r"folders?|director(?:y|ies)",
    "label": r"labels?|tags?",
    "labels": r"labels?|tags?",
    "note": r"notes?",
    "update": r"updates?|comments?",
    "blocks": r"pages?|blocks?|lines?|entr(?:y|ies)|database|list",
    "database": r"databases?",
    "report": r"reports?",
    "realtime_report": r"real-?\s?time(?:\s+\w+)?\s+reports?|reports?",
    "webhook": r"webhooks?|web\s?hooks?|hook",
    "run": r"runs?",
    "records": r"records?|pipelines?|leads?|opportunit(?:y|ies)|accounts?|contacts?|cases?|opps?|invoices?|customers?|bills?",
    "events": r"events?|meetings?|appointments?|agenda|calendar",
    "payments": r"payments?|charges?|transactions?",
    "issues": r"issues?|bugs?|tickets?|stories|epics?",
    "tickets": r"tickets?|cases?",
    "tasks": r"tasks?|to-?dos?",
    "cards": r"cards?",
    "items": r"items?|rows?",
    "files": r"files?|documents?|docs?|pdfs?",
    "email": r"e-?mails?|mails?",
    "approval": r"approvals?|permission|sign-?off|ok|go-?ahead",
}

# Objects that more than one product has: without a product's name we ask which is meant.
GENERIC = frozenset({
    "issue", "task", "ticket", "file", "record", "item", "page", "folder", "comment", "workflow_run", "pipeline", "customer", "invoice", "label", "labels",
    "issues", "tasks", "tickets", "files", "items", "records", "contact", "note", "update", "report", "status", "release", "push", "meeting",
})  # fmt: skip

# What happens to things: the past-tense part of event ids.
HAPPENINGS: dict[str, str] = {
    "created": r"creat(?:ed|es?|ing|ion)|open(?:ed|s)?|add(?:ed|s)?|new|ma(?:de|kes?)|com(?:es?|ing)\s+in|came\s+in"
    r"|arriv(?:es?|ed)|filed|files\s+an?|submit(?:s|ted)?|rais(?:ed|es)|log(?:ged|s)|register(?:ed|s)|land(?:s|ed)?"
    r"|appear(?:s|ed)?|put|upload(?:ed|s)?|sav(?:ed|es)|drop(?:ped|s)|shows?\s+up|pops?\s+up|assigned|gets?\s+in"
    r"|enters?|sent\s+in|receiv(?:ed?|es)|writ(?:es|ten)|scheduled|booked|books\s+an?|schedules\s+an?|plans\s+an?|generated|issued|posted|published",
    "opened": r"open(?:ed|s|ing)?|creat(?:ed|es?)|new|rais(?:ed|es)|submit(?:s|ted)?|filed|files\s+an?|made|makes?|com(?:es?"
    r"|ing)\s+in|fir(?:es?|ed|ing)|trigger(?:s|ed)|goes\s+off|pops?\s+up|appears?|reported|starts?",
    "updated": r"updat(?:ed?|es?|ing)|chang(?:ed?|es?|ing)|edit(?:ed|s|ing)?|modif(?:ied|ies|ying)|revis(?:ed|es|ion|ing)|alter(?:ed|s)?"
    r"|amend(?:ed|s)?|renam(?:ed|es)|touch(?:ed|es)|overwritten|replaced|saved\s+again|new\s+versions?",
    "completed": r"complet(?:ed?|es?|ion)|finish(?:ed|es)?|done|closed|ticked\s+off|checked\s+off",
    "moved": r"mov(?:ed?|es?|ing)|dragged|goes\s+to|shifts?|lands?\s+in|enters?|reach(?:es|ed)",
    "transitioned": r"transition(?:ed|s|ing)?|mov(?:ed?|es?|ing)|chang(?:ed?|es?|ing)\s+(?:its\s+)?stat(?:us|e)|goes\s+(?:in)?to"
    r"|set\s+to|becomes?|reach(?:es|ed)|status\s+chang\w+|marked|switch(?:es|ed)",
    "closed": r"clos(?:ed?|es|ing)|resolv(?:ed|es)|done|fixed",
    "solved": r"solv(?:ed?|es|ing)|resolv(?:ed|es)|clos(?:ed|es)|done",
    "merged": r"merg(?:ed?|es|ing)|lands?|landed",
    "published": r"publish(?:ed|es)?|releas(?:ed|es)|com(?:es?)\s+out|goes\s+(?:out|live)|ship(?:s|ped)|new|cut|created|tagged|made"
    r"|announced|drops?",
    "failed": r"fail(?:ed|s|ing|ure|ures)?|break(?:s|ing)?|broke(?:n)?|crash(?:es|ed)?|red|declin(?:ed|es)|bounc(?:ed|es)"
    r"|errors?(?:\s+out)?|rejected|doesn't\s+(?:go\s+through|work|pass)|goes\s+(?:red|wrong)|unsuccessful|dies",
    "succeeded": r"incoming|makes?\s+an?|settled?|succeed(?:ed|s)?|success(?:ful|fully)?|go(?:es)?\s+through|went\s+through|is\s+(?:made|done)|comes?\s+in"
    r"|arriv(?:es?|ed)|completed?|completes|received|clears?|paid|lands?|new|works",
    "paid": r"pa(?:id|ys?|yed)|settled",
    "cancelled": r"cancel(?:l?ed|s|l?ing|lations?)?|called\s+off|end(?:s|ed)|churn(?:s|ed)|terminated|deleted|removed|unsubscribe[sd]?",
    "received": r"incoming|inbound|makes?\s+an?|receiv(?:ed?|es)|com(?:es?|ing)\s+in|arriv(?:es?|ed|ing)|hits?|new|called|calls|lands?|get|gets|got|fir(?:es|ed)"
    r"|sent|triggered|posted|paid",
    "posted": r"incoming|lands?|appear\w*|hits?|turns?\s+up|post(?:ed|s|ing)?|writ(?:es?|ten|ing)|sa(?:ys?|id|ying)|sen(?:ds?|t)|mention(?:s|ed)?|ask(?:s|ed)|typ(?:es?|ed)"
    r"|shar(?:es|ed)|new|arriv(?:es?|ed)|com(?:es?)\s+in|drops?|appears?|contain(?:s|ing)|leaves?|replies",
    "added": r"add(?:ed|s|ing)?|react(?:s|ed|ing)?|put(?:s)?|new|leav(?:es|ing)|left|made|makes?|writ(?:es?|ten)|post(?:ed|s)"
    r"|contain(?:s|ing)|gets?|com(?:es?)\s+in|saying|says|mention(?:s|ed)",
    "joined": r"signs?\s+up|signed\s+up|onboard(?:s|ed|ing)?|gets?\s+added|join(?:ed|s|ing)?|new|arriv(?:es?|ed)|com(?:es?)\s+(?:in|on\s+board)|enter(?:s|ed)?|invited|added",
    "starting": r"start(?:s|ing|ed)?|begin(?:s|ning)?|about\s+to|upcoming|before|kicks?\s+off|coming\s+up",
    "changed": r"chang(?:ed?|es?|ing)|mov(?:ed?|es?|ing)|becom(?:es?|ing)|turn(?:s|ed|ing)?|set\s+to|switch(?:es|ed)"
    r"|goes\s+(?:in)?to|marked|reach(?:es|ed)|hits?|enters?|won|lost|advances?|progresses",
    "resolved": r"resolv(?:ed?|es|ing)|clear(?:s|ed)|recover(?:s|ed)|clos(?:ed|es)|over|fixed|gone",
    "threshold": r"threshold|goes?\s+(?:above|below|over|under|beyond|past|up|down)|going\s+(?:above|below|over|under)|drop(?:s|ped"
    r"|ping)?|ris(?:es?|ing)|rose|fall(?:s|en|ing)?|fell|exceed(?:s|ed)?|cross(?:es|ed)?|above|below|under|over"
    r"|spike[sd]?|surge[sd]?|dips?|hits?|reach(?:es)?|more\s+than|less\s+than|fewer\s+than|climbs?|passes|tops|sinks?",
    "push": r"push(?:ed|es|ing)?|commit(?:s|ted)?|new\s+commits?",
}

# Deeds: the verb part of action ids.
DEEDS: dict[str, str] = {
    "create": r"creat(?:e[sd]?|ing)|ma(?:kes?|de|king)|open(?:s|ed)?|add(?:s|ed|ing)?|new|fil(?:e|ed|ing)(?!\s)|rais(?:e[sd]?"
    r"|ing)|log(?:s|ged)?|start(?:s|ed)?|set\s+up|build|put|generat(?:e[sd]?)|cop(?:y|ied|ies)|schedul(?:e[sd]?|ing)"
    r"|book(?:s|ed)?|submit|write\s+up|enter(?:ed)?|insert|register(?:ed)?|draft|cut|spin\s+up|send|push(?:ed)?"
    r"|turn(?:ed)?\s+into|writ(?:e|es|ten)|issue[sd]?|publish|save[sd]?|sync(?:ed)?|store[sd]?",
    "update": r"updat(?:e[sd]?|ing)|reschedul(?:e[sd]?|ing)|postpone[sd]?|extend(?:s|ed)?|renam(?:e[sd]?|ing)|chang(?:e[sd]?|ing)|edit(?:s|ed)?|set(?:s)?|mov(?:e[sd]?|ing)|modif(?:y|ied|ies)|mark(?:s"
    r"|ed)?|adjust|put|bump|raise|make|turn",
    "complete": r"complet(?:e[sd]?|ing)|finish(?:es|ed)?|clos(?:e[sd]?|ing)|tick(?:ed)?\s+off|check(?:ed)?\s+off"
    r"|mark(?:ed)?\b.*\b(?:done|complete|completed|finished)",
    "close": r"clos(?:e[sd]?|ing)|resolve[sd]?|shut",
    "move": r"mov(?:e[sd]?|ing)|drag(?:ged)?|put|shift(?:ed)?|transfer(?:red)?|relocate[sd]?|send|sent",
    "archive": r"archiv(?:e[sd]?|ing)",
    "transition": r"transition(?:s|ed|ing)?|mov(?:e[sd]?|ing)|set(?:s)?|put|chang(?:e[sd]?|ing)|mark(?:s|ed)?|close[sd]?"
    r"|resolve[sd]?|push|switch",
    "assign": r"assign(?:s|ed|ing)?|give|hand",
    "add": r"add(?:s|ed|ing)?|append(?:s|ed)?|put|post|leav(?:e|es|ing)|writ(?:e|es|ten)|attach|giv(?:e|en|es)|assign(?:s"
    r"|ed)?|tag|apply|comment(?:s|ed)?|label|react|log|stick|note|get|set|mark",
    "append": r"append(?:s|ed|ing)?|add(?:s|ed|ing)?|put|write|log|insert|note|save[sd]?|record(?:ed)?|push|collect",
    "search": r"search(?:es|ed|ing)?|find|look\s+(?:for|up)|list|get|fetch|pull|query|collect|show|gather|check",
    "query": r"quer(?:y|ied|ies)|pull|get|fetch|list|search|find|load|look\s+up|read|collect|gather|retrieve|take|grab|export|check",
    "list": r"list(?:s|ed|ing)?|get|fetch|pull|show|collect|query|gather|look\s+up|take|grab",
    "delete": r"delet(?:e[sd]?|ing)|remov(?:e[sd]?|ing)|cancel(?:l?ed|s)?|drop|call\s+off",
    "upload": r"upload(?:s|ed|ing)?|sav(?:e[sd]?|ing)|put|store[sd]?|back(?:ed)?\s+(?:\w+\s+){0,2}up|backup|archive[sd]?|send|copy|copied|add|push"
    r"|drop|attach|dump|keep|file\b|export",
    "share": r"shar(?:e[sd]?|ing)|give\s+(?:access|\S+\s+access)|grant|send",
    "copy": r"cop(?:y|ied|ies|ying)|duplicat(?:e[sd]?|ing)|clone[sd]?|make\s+(?:an?\s+|another\s+)?(?:copy|duplicate)",
    "invite": r"invit(?:e[sd]?|ing)|add(?:s|ed)?|bring|pull\s+in",
    "set": r"set(?:s|ting)?|chang(?:e[sd]?|ing)|update[sd]?|make",
    "reply": r"repl(?:y|ied|ies)|answer(?:s|ed)?|respond(?:s|ed)?",
    "send": r"send(?:s|ing)?|sent|e-?mail(?:s|ed)?|mail(?:s|ed)?|forward(?:s|ed)?|write|shoot",
    "dispatch": r"dispatch(?:es|ed)?|trigger(?:s|ed)?|run(?:s)?|start(?:s|ed)?|kick\s+off|launch|fire|call",
    "trigger": r"trigger(?:s|ed|ing)?|run(?:s)?|start(?:s|ed)?|kick\s+off|launch|re-?run|fire|dispatch",
    "merge": r"merg(?:e[sd]?|ing)",
    "refund": r"refund(?:s|ed|ing)?|pay\s+back|give\s+\w+\s+money\s+back|return",
    "track": r"track(?:s|ed|ing)?|record(?:s|ed)?|log|send|count",
    "run": r"run(?:s|ning)?|pull|get|generate|create|make|fetch|execute|do|build|produce|trigger|start|kick\s+off",
    "request": r"request|call(?:s|ed)?|hit|get|post|put|patch|delete|ping|fetch|invoke",
    "ask": r"ask(?:s|ed|ing)?|get|request|obtain|wait\s+for|need|require",
}

_METRIC = (
    r"\b(?:go(?:es)?|going|drops?|dropping|ris(?:es?|ing)|falls?|falling|climbs?|gets?|crosses|cross|exceeds?|spikes?"
    r"|dips?|hits?|reach(?:es)?|sinks?|passes|tops|above|below|under|over|more\s+than|less\s+than|fewer\s+than)\b|[<>]=?\s*\d"
)

# Where an id's words do not lead to how people talk: whole patterns for an event, worth as much as object and deed together.
EVENT_PHRASES: dict[str, str] = {
    "github.push": r"\bpush(?:es|ed)?\b|\bcommit(?:s|ted)?\b",
    "gitlab.push": r"\bpush(?:es|ed)?\b|\bcommit(?:s|ted)?\b",
    "github.workflow_run_failed": r"\b(?:workflow|action|actions|ci|build|job|check)s?(?:\s+run)?s?\b.*\b(?:fail|break|red|crash|unsuccessful)|\b(?:unsuccessful|broken|crashed|red|fail(?:ed"
    r"|ing))\s+(?:github\s+)?(?:workflow|action|ci|build|run|job|check)|\bactions?\s+fail",
    "gitlab.pipeline_failed": r"\b(?:pipeline|ci|build|job)s?\b.*\b(?:fail|break|red|crash)|\b(?:unsuccessful|broken|crashed|red|fail(?:ed|ing))\s+(?:gitlab\s+)?(?:pipeline|ci"
    r"|build|job)",
    "hubspot.deal_stage_changed": r"\bdeals?\b.*\b(?:mov(?:es?|ed|ing)|chang\w+|won|lost|stage|reach(?:es|ed)|goes|enters|becomes|advances|hits"
    r"|closes|is\s+closed|marked)\b|\b(?:won|lost|closed)\s+(?:\w+\s+)?deals?\b",
    "monday.status_changed": r"\bstatus\s+changes?\b|\bstatus\b.*\b(?:chang\w+|turns?|becomes?|goes|set|is)\b|\bturns?\s+\S+|\bbecomes?\s+\S+|\bmarked\b|\b(?:item"
    r"|task)s?\b.*\b(?:(?:changes?|goes|moves?|moved|is\s+set)\s+to|done|finish\w*|complete[ds]?|stuck)\b|\b(?:done|finished|completed|stuck)\s+(?:\w+\s+)?(?:item|task)s?\b",
    "jira.issue_transitioned": r"\b(?:issue|ticket|bug|story|task|epic)s?\b.*\b(?:moved?|moves|transition\w*|goes|set|changed|changes|marked"
    r"|becomes|reaches)\s+(?:in)?to\b|\btransition"
    r"|\b(?:issue|ticket|bug|story|task|epic)s?\b.*\b(?:done|closed?|closes|resolve[ds]?|reopen\w*|finish\w*|complete[ds]?|fixed|blocked|status|leaves|enters|reaches"
    r"|is\s+in\s+(?:review|progress))\b|\b(?:done|closed|resolved|reopened|finished|completed|blocked)\s+(?:\S+\s+){0,2}(?:issue|ticket|bug|story|epic)s?\b"
    r"|\b(?:closes|resolves|reopens|finishes|completes|fixes|blocks)\s+(?:[^\s,]+\s+){0,3}(?:issue|ticket|bug|story|epic)s?\b",
    "jira.issue_updated": r"\bpriority\b.*\b(?:chang\w+|becom\w+|rais\w+|goes|set|bump\w+|turns?)\b|\b(?:issue|ticket|bug|story|epic|task)s?\b.*\b(?:assigned|labelled|labeled|tagged)\b",
    "jira.comment_added": r"\bcomment",
    "chat.reaction_added": r"\breact(?:s|ed|ion|ions|ing)?\b|\bemojis?\b|^\W*:\w+:|:\w+:\s+(?:on|under|added)\b",
    "slack.reaction_added": r"\breact(?:s|ed|ion|ions)?\b|\bemoji\b|:\w+:\s+(?:is\s+)?added",
    "chat.message_posted": r"\b(?:some(?:one|body)|any(?:one|body)|people|a\s+user|a\s+member|they|@\w+)\s+(?:writes?|says?|posts?|mentions?"
    r"|asks?|types?|sends?)\b|@\w+\s+(?:is|gets|was|being)\s+mentioned\b|\bmentions?\s+(?:of\s+)?@\w+",
    "slack.message_posted": r"\b(?:some(?:one|body)|any(?:one|body)|people)\s+(?:writes?|says?|posts?|mentions?|asks?|types?|sends?)\b",
    "discord.message_posted": r"\b(?:some(?:one|body)|any(?:one|body)|people)\s+(?:writes?|says?|posts?|mentions?|asks?|types?|sends?)\b",
    "teams.message_posted": r"\b(?:some(?:one|body)|any(?:one|body)|people)\s+(?:writes?|says?|posts?|mentions?|asks?|types?|sends?)\b",
    "google_chat.message_posted": r"\b(?:some(?:one|body)|any(?:one|body)|people)\s+(?:writes?|says?|posts?|mentions?|asks?|types?|sends?)\b",
    "chat.member_joined": r"\bjoin(?:s|ed|ing)?\b|\bnew\s+(?:member|joiner|hire|starter|colleague)",
    "slack.member_joined": r"\bjoin(?:s|ed|ing)?\b|\bnew\s+(?:member|user|joiner|people|face|colleague|teammate)s?\b|\bnew(?:comer|bie)s?\b",
    "discord.member_joined": r"\bjoin(?:s|ed|ing)?\b|\bnew\s+(?:member|user|joiner|people|face|player|follower)s?\b|\bnew(?:comer|bie)s?\b",
    "email.message_received": r"\b(?:incoming|inbound|new|every|each|any|unread)\s+(?:(?:starred|important|urgent|flagged|unread)\s+)?(?:e-?mails?|mails?)\b|\b(?:e-?mails?|mails?)\s+to\b|\bsends?\s+(?:us|me|you|in)?\s*an?\s+e?-?mail|\b(?:e-?mails?|mails?)\b.*\b(?:arriv\w+|com(?:e|es|ing)\s+in|lands?|received?|gets?|reach\w*|is\s+sent|hits?|from"
    r"|with|about|subject)\b|\b(?:receives?|gets?|got|new|incoming)\s+(?:an?\s+)?(?:new\s+)?(?:e-?mail|mail)\b"
    r"|\bsends?\s+(?:us|me)\s+an?\s+e?-?mail\b",
    "http.webhook_received": r"\bweb\s?hooks?\b|\b(?:endpoint|callback|hook)s?\b.*\b(?:called|hit|requested|invoked|triggered|posted|receives?|gets?)\b|\b(?:POSTs?|posts|posted|calls|hits|GETs?|requests?)\s+(?:to\s+|on\s+|at\s+)?(?:(?:us|our|the)\s+)?(?:/\w|endpoint\b)|\bhook\s+(?:hits|fires|is)\b",
    "google_calendar.event_starting": r"\b(?:event|meeting|appointment|call)s?\b.*\b(?:start\w*|begin\w*|about\s+to|is\s+near|kicks?\s+off)\b"
    r"|\bbefore\s+(?:any|every|each|a|an|my|the)?\s*.*\b(?:event|meeting|appointment|call)s?\b|\bupcoming\s+(?:event"
    r"|meeting)",
    "salesforce.record_updated": r"\b(?:opportunit(?:y|ies)|opps?|leads?|cases?|accounts?|records?)\b.*\b(?:moves?|moved|goes|advances?|progress(?:es)?|reaches|becomes|turns|changes|changed)\b",
    "zendesk.ticket_solved": r"\btickets?\b.*\b(?:solved|resolved|closed|done)\b|\b(?:solved|resolved)\s+tickets?\b",
    "signalbox.alert_opened": r"\balerts?\b.*\b(?:open(?:s|ed)?|fir(?:es?|ed|ing)|trigger\w*|com(?:es)?\s+in|appears?|raised|goes\s+off"
    r"|pops?\s+up|starts?|created|arrives?)\b|\bnew\s+(?:\w+\s+){0,2}alerts?\b",
    "signalbox.alert_resolved": r"\balerts?\b.*\b(?:resolv\w+|clear\w*|clos\w+|is\s+over|recover\w*|goes\s+away)\b|\bresolved\s+alerts?\b",
    "signalbox.run_failed": r"\b(?:runs?|workflows?|flows?|automations?)\b.*\b(?:fail\w*|break\w*|crash\w*|errors?)\b|\bfail(?:ed|ing)\s+(?:workflow\s+|flow\s+|automation\s+)?(?:runs?|workflows?|automations?)\b|\bfailed\s+runs?\b",
    "google_analytics.metric_threshold": _METRIC,
    "mixpanel.metric_threshold": _METRIC,
    "stripe.payment_failed": r"\b(?:payments?|charges?|cards?)\b.*\b(?:fail\w*|declin\w*|bounc\w*|doesn't\s+go\s+through|rejected)\b"
    r"|\bfailed\s+(?:\w+\s+)?(?:payment|charge)s?\b",
    "stripe.invoice_paid": r"\binvoices?\b.*\b(?:paid|settled)\b|\b(?:pays|paid|settles|settled)\b.*\binvoices?\b",
    "stripe.payment_succeeded": r"\b(?:payments?|charges?)\b.*\b(?:succe\w+|go(?:es)?\s+through|went\s+through|comes?\s+in|arriv\w+|is\s+(?:made"
    r"|received)|lands?|received)\b|\b(?:successful|new)\s+(?:\w+\s+)?payments?\b|\bpays\b(?!.*\binvoice)",
    "stripe.subscription_cancelled": r"\bsubscri\w+\b.*\bcancel\w*\b|\bcancel\w*\b.*\bsubscri\w+\b|\bunsubscribes?\b|\bchurns?\b",
    "stripe.dispute_created": r"\bdisputed?s?\b|\bchargebacks?\b",
    "quickbooks.payment_received": r"\bpayments?\b.*\b(?:received?|arriv\w+|com(?:es)?\s+in|lands?|made|recorded)\b|\b(?:receives?|gets?"
    r"|new)\s+(?:a\s+)?payments?\b|\binvoices?\b.*\b(?:paid|settled|pays?)\b|\b(?:paid|settled)\s+(?:\w+\s+)?invoices?\b|\b(?:pays?|settles?)\s+(?:\w+\s+){0,3}invoices?\b",
    "trello.card_moved": r"\bcards?\b.*\b(?:mov(?:es?|ed|ing)|dragged|goes|lands|enters|reach\w*|leaves|changes?\s+lists?|is\s+put|done|finish\w*|completed?s?)\b"
    r"|\b(?:done|finished|completed|moved)\s+(?:\w+\s+)?cards?\b|\b(?:finish|complet)(?:e?s)\s+(?:\w+\s+){0,3}cards?\b",
}

_DRIVES = ("google_drive", "dropbox", "onedrive", "box")

# Actions that are meant only where their phrase is heard: their words alone are too common.
STRICT = frozenset({*(f"{drive}.create_folder" for drive in _DRIVES), "google_analytics.run_realtime_report", "quickbooks.send_invoice"})
LOOKING = ("search", "list", "query")  # deeds that must open the sentence's part: "list" and "get" are common words

# The same for actions.
ACTION_PHRASES: dict[str, str] = {
    "zendesk.add_comment": r"\bcomment\b|\breply\b|\banswer\b|\bpublic\s+note\b",
    "jira.add_comment": r"\bcomment\b",
    "github.add_comment": r"\bcomment\b",
    "gitlab.add_comment": r"\bcomment\b",
    "asana.add_comment": r"\bcomment\b",
    "trello.add_comment": r"\bcomment\b",
    "monday.add_update": r"\b(?:post|add|write|leave|put|drop)\s+(?:an?\s+)?(?:update|comment)\b|\bcomment\b",
    "hubspot.add_note": r"\bnotes?\b",
    "hubspot.update_deal": r"\b(?:move|set|change|update|mark|put)\b.*\bdeals?\b|\bdeals?\b.*\b(?:moved|set|changed|updated|marked)\b",
    "trello.move_card": r"\b(?:move|drag|put|shift|send)\b(?!\s+(?:an?|another|one|new)\b).*\bcards?\b|\bcards?\b.*\bmoved\b|\bmove\s+it\b",
    "jira.transition_issue": r"\b(?:transition|move)\b|\b(?:set|change|put|mark)\b.*\b(?:status|done|in\s+progress|in\s+review|closed"
    r"|resolved)\b|\b(?:close|resolve)\b.*\b(?:issue|ticket|bug)\b",
    "jira.assign_issue": r"\bassign\b(?!ee)",
    "zendesk.update_ticket": r"\b(?:set|change|update|mark|raise|bump|put)\b(?!\s+(?:an?|another|one|new)\b).*\b(?:ticket|priority|status|it)\b|\bsolve\b|\btag\b|^\W*(?:and\s+|then\s+)*(?:label|tag|categori[sz]e)\b|\b(?:add|put|attach|apply|stick)\b.*\b(?:labels?|tags?)\b",
    "trello.update_card": r"^\W*(?:and\s+|then\s+)*(?:label|tag|rename|update|edit)\b|\b(?:add|put|attach|apply|stick)\b.*\b(?:labels?|tags?)\b",
    "jira.update_issue": r"^\W*(?:and\s+|then\s+)*(?:label|tag|rename|update|edit|prioriti[sz]e)\b|\b(?:add|put|attach|apply|stick)\b.*\b(?:labels?|tags?)\b|\b(?:set|change|raise|bump|lower)\b.*\bpriority\b",
    "asana.update_task": r"^\W*(?:and\s+|then\s+)*(?:label|tag|rename|update|edit)\b|\b(?:add|put|attach|apply|stick)\b.*\b(?:labels?|tags?)\b|\b(?:set|change|push|move)\b.*\bdue\b",
    "github.dispatch_workflow": r"\b(?:dispatch|trigger|run|start|kick\s+off|launch)\b.*(?:\.ya?ml|\bworkflow|\baction|\bdeploy)",
    "github.merge_pull_request": r"\bmerge\b",
    "github.add_labels": r"^\W*(?:(?:and|then|please|also|it)\s+)*(?:add|apply|put|set|attach|give|label|tag|stick|mark)\b.*\b(?:labels?"
    r"|tags?)\b|\blabel\s+(?:it|the)\b|\blabell?ed\b",
    "salesforce.add_task": r"\btasks?\b|\bto-?dos?\b",
    "github.create_release": r"\b(?:create|cut|make|publish|draft|tag|new)\b.*\brelease\b",
    "gitlab.trigger_pipeline": r"\b(?:trigger|run|start|kick\s+off|launch|re-?run)\b.*\bpipelines?\b",
    "stripe.list_payments": r"\b(?:payments?|charges?)\s+(?:list|overview|report|export|summary|figures)\b|\b(?:list|overview|summary|report)\s+of\s+(?:\w+\s+){0,3}(?:payments|charges)\b",
    "stripe.refund_payment": r"\brefund|\b(?:pay|give|send)\b.*\bback\b|\breimburse|\bmoney\s+back\b",
    "quickbooks.send_invoice": r"\b(?:send|sent|e?-?mail(?:ed)?|deliver)\b.*\binvoice\b|\binvoice\b.*\b(?:be|gets?|is)\s+(?:sent|mailed|emailed)\b|\bsend\s+it\b|\bmail\s+the\s+invoice\b",
    "notion.append_blocks": r"\bappend|\b(?:append|add|put|write|log|insert|note|save)\b(?!\s+(?:me\s+)?(?:an?|another|one|new)\s+(?:new\s+)?page).*\b(?:page|to\s+notion|in\s+notion|list)\b",
    "notion.query_database": r"\b(?:query|search|list|get|pull|fetch|look\s+up)\b.*\b(?:database|notion)\b",
    "slack.invite_to_channel": r"\binvit(?:e|es|ed|ation)\b|\b(?:add|get|bring|pull|put)\s+(?:@\S+|them|him|her)\s+(?:in|to|into)\b",
    "slack.set_topic": r"\btopic\b",
    "slack.add_reaction": r"\breact(?:ion)?\b|\badd\s+:\w+:",
    "discord.add_role": r"\broles?\b",
    "teams.reply_to_message": r"\brepl(?:y|ies|ied)\b|\banswer(?:s|ed)?\b|\brespon(?:d|se)\b",
    "teams.create_meeting": r"\bmeetings?\b|\bcall\b",
    "google_analytics.run_realtime_report": r"\breal-?\s?time\b",
    "google_analytics.run_report": r"^(?!.*\breal-?\s?time).*(?:\breports?\b|\b(?:pull|get|fetch|query)\b)",
    "asana.complete_task": r"\b(?:mark|set|tick|check)\b.*\b(?:done|complete|completed|finished|off)\b|\b(?:complete|finish|close)d?\b",
    "mixpanel.track_event": r"\btrack\b|\brecord\b|\blog\b",
    "mixpanel.query_events": r"\breports?\b|\bfunnel|\bquer(?:y|ies)\b|\b(?:pull|get|fetch|look\s+up|count|list)\b.*\bevents?\b",
    "http.request": r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD)\b|\b(?:call|hit|request|fetch|ping)\s+(?:the\s+)?(?:url|api|endpoint"
    r"|webhook|[\ue100-\ue17f])",
    "signalbox.health_report": r"\bhealth\s+(?:report|check|summary|status|overview)s?\b|\bstatus\s+report\b|\bhealth\s+of\b",
    "signalbox.alert_digest": r"\balerts?\s+(?:digest|summary|overview|report|recap|roundup)s?\b|\b(?:digest|summary|overview|recap)\s+of\s+(?:the\s+|all\s+|our\s+|unresolved\s+|active\s+|critical\s+|unacknowledged\s+"
    r"|open\s+)*alerts\b|\b(?:open|unresolved|active)\s+(?:(?:critical|warning|info)\s+)?alerts\b",
    "signalbox.workflow_analytics": r"\bworkflows?\s+(?:analytics|stats|statistics|metrics|performance|report)\b|\banalytics\s+(?:of|for)\s+(?:the\s+"
    r"|our\s+)?(?:workflows?|automations?)\b|\bautomation\s+(?:analytics|stats)\b",
    "signalbox.impact_report": r"\bimpact\s+(?:report|analys[ie]s|assessment|summary|study)s?\b|\bblast\s+radius\b",
    **{
        f"{drive}.create_folder": r"\bfolder\s+(?:\S+\s+)?(?:should|must|needs?\s+to)\s+be\s+(?:created|made|set\s+up|opened)\b|\b(?:creat\w+|mak(?:e|es|ing)|made|new|open(?:s|ed)?|add(?:s|ed)?|set\s+up)\s+(?:an?\s+|the\s+|one\s+|another\s+"
        r"|new\s+|\S\s+|shared\s+)*(?:folder|directory)"
        for drive in _DRIVES
    },
    **{
        f"{drive}.upload_file": r"\b(?:sav(?:e|es|ed|ing)|stor(?:e|es|ed|ing)|put|upload(?:s|ed|ing)?|back(?:s|ed)?\s+(?:\w+\s+){0,3}up|dump|keep|export)\b"
        for drive in _DRIVES
    },
    **{f"{drive}.share_file": r"\bshar(?:e[sd]?|ing)\b.*\bwith\b|\b(?:grant|give|get)\w*\b.*\baccess\b" for drive in _DRIVES},
    "signalbox.run_workflow": r"\b(?:run|start|trigger|kick\s+off|launch|execute)\s+(?:the\s+|our\s+|my\s+)?(?:workflow|flow|automation)\b"
    r"|\b(?:run|start|trigger|kick\s+off|launch|execute)\s+(?:the\s+)?\S+\s+(?:workflow|flow|automation)\b",
}

# Words that a typo is repaired to, besides the services' names and what is above.
_KEYWORDS = (
    "rehearse replay simulate every "
    "whenever create message channel workflow automation schedule alerts acknowledge acknowledged resolve escalate "
    "snooze silence maintenance health "
    "report "
    "digest tomorrow monday tuesday wednesday thursday friday saturday sunday weekday approval approve pipeline "
    "release ticket customer invoice payment "
    "subscription "
    "cancelled dispute calendar response availability throughput pause resume delete history critical warning "
    "threshold fallback opportunity "
    "meeting "
    "please minutes notify reminder remind retry trigger merged opened created published completed month morning "
    "evening dependencies repository"
)
KEYWORDS = _KEYWORDS.split()

# Ordinary words that look like a typo of one of ours and are none.
_NOT_TYPOS = (
    "reply replies replied motion retro retros "
    "nation notions strip stripes strike striped black slick slacks team terms seams trail trails everyone everything "
    "never even ever very creates whatever whoever wherever "
    "massage "
    "massages passage change channels workflows schedules scheduled alert alters resolved resolves release releases "
    "relief healthy wealth reports "
    "reported "
    "repost digests months mornings monthly paused pauses resumed resumes deletes deleted histories minute ninety "
    "notified remain remained remains "
    "reminded "
    "reminders triggers triggered emerged merges merge creating created create creator published publish publishes "
    "competed opener openers payments "
    "payment "
    "paymen approve approved approves approvals approval customers custom tickets picket wicket thicket tackle "
    "invoices voice voices invoiced "
    "meetings "
    "meeting greeting meting retries tries entry escalated escalates snoozed silenced silent science patient response "
    "respond responses closed close "
    "closer "
    "client clients gone done asking basing canal signal single discard discards record recorded discords accord "
    "onboard boards board box boxes calendars "
    "teams "
    "dropped dropper dropping asana banana sand hub hubs stride hundred sundry gates states please pleased pleases "
    "place places placed mail email emails "
    "trade "
    "grade shared store stored stripe dispute disputed deputed warning warnings warming earning morning warring learning "
    "critically criticism"
)
NOT_TYPOS = frozenset(_NOT_TYPOS.split())
