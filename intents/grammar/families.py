"""The deeds behind each command: every way in which English asks for it, with how much each wording alone would tell."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intents.grammar.request import FLOW
from intents.grammar.slots import ALERT, RUNS, metric_words
from intents.grammar.source import LINK, SERVICE

FLOWS = r"(?:work\s?flows|flows|automations|automatisms)"
_DOWN = (
    r"(?:down|offline|out|unavailable|unreachable|gone|dead|dies|died|breaks?|broke|fails?|failed|failing|stops?|stopped|disappear\w*|crash\w*|goes|went|"
    r"lost?|lose|degraded|slow|vanish\w*|drops?|falls?\s+over|unplug\w*|switched\s+off|an?\s+outage|outage|without|over\s+quota|throttled|shut\w*|explodes?|paused|stopped|disabled|deleted|removed|off|switched|turned\s+off|die[ds]?|unavailable|hiccups?|struggl\w*|conks?|broken)"
)
BAD = (
    r"(?:slow\w*|sluggish|down|broken|breaking|broke|fail\w*|err\w*|flaky|laggy|lagging|red|degraded|unhealthy|timing\s+out|time\s?outs?|unavailable|offline|bad|weird|odd|strange|"
    r"acting\s+up|not\s+working|out|crash\w*|unreachable|unstable|dead|dying|wrong|misbehav\w*|hang\w*|stuck|trouble|problems?|issues?|playing\s+up|throwing|spik\w*|outage|unreliable|"
    r"stutter\w*|choppy|funny|wonky|awful|terrible|so\s+\w+)"
)
_SHOW = r"(?:show|list|give|get|display|print|see|view|tell|what|which|any|anything|how\s+many|are\s+there|is\s+there|do\s+we\s+have|have\s+we|pull\s+up|let\s+me\s+see|need|got)"


_PRODUCTS = rf"{LINK}|\b(?:issue|card|task|ticket|invoice|deal|pull\s+request|pr|phone|door|window|deal|file|folder|channel|workflow|flow|automation|threshold|maintenance|meeting)s?\b"


@dataclass(frozen=True, slots=True)
class Family:
    """One command. ``deeds``: (weight, pattern), the best counts; ``objects`` what it is done to; ``kinds`` what its target may be:
    alert, service, flow, run, none. ``never`` rules it out; ``needs`` must stand in the sentence too."""

    command: str
    deeds: tuple[tuple[float, re.Pattern[str]], ...]
    kinds: frozenset[str]
    objects: re.Pattern[str] | None = None
    never: re.Pattern[str] | None = None
    needs: re.Pattern[str] | None = None


def _family(
    command: str, kinds: str, deeds: tuple[tuple[float, str], ...], *, objects: str = "", never: str = "", needs: str = ""
) -> Family:
    def compiled(pattern: str) -> re.Pattern[str] | None:
        return re.compile(pattern, re.IGNORECASE) if pattern else None

    return Family(
        command,
        tuple((weight, re.compile(pattern, re.IGNORECASE)) for weight, pattern in deeds),
        frozenset(kinds.split()),
        compiled(objects and rf"\b{objects}\b"),
        compiled(never),
        compiled(needs),
    )


_ALERTS = (
    _family("acknowledge_alert", "alert service", (
        (1.5, r"\b(?<!un)(?<!un-)ack(?:s|ed|ing|'d)?\b|\backnowledg\w+"),
        (1.0, r"\b(?:I'm|I\s+am|we're|we\s+are|I'll\s+be|@\S+\s+is)\s+(?:on|taking|handling|working\s+on|investigating|dealing\s+with|looking\s+(?:at|into|after)|across|aware\s+of)\b"
              r"|\bI(?:'ve|\s+have)?\s+(?:got|take|took|seen|saw|picked\s+up|own)\b|\bI(?:'ll|\s+will|\s+can)\s+(?:take|handle|look|own|do|deal|pick|grab|investigate|see\s+to)\b"
              r"|\bgot\s+(?:it|this|that)\b|\bon\s+it\b|\bmine\b|\bleave\s+.*\b(?:to|with)\s+me\b|\bassign\b.*\b(?:to\s+)?me\b|\b(?:being|been)\s+(?:looked\s+at|worked\s+on|handled|investigated)\b"
              r"|^(?:taking|claiming|grabbing|picking\s+up|looking\s+into|looking\s+at|handling|investigating|owning|on)\b|^(?:claim|take|grab|own|pick\s+up)\b"
              r"|\bwe\s+know\s+about\b|\baware\s+of\b|\bmark\b.*\b(?:seen|read|noticed|taken|known|in\s+progress)\b|\b(?:seen|noted|noticed|spotted)\b"),
    ), objects=ALERT, never=_PRODUCTS),
    _family("resolve_alert", "alert service", (
        (1.4, r"\bresolv(?:e|ed|ing)\b"),
        (1.2, r"\bmark\b.*\b(?:fixed|resolved|solved|closed|done|over|sorted|complete\w*|ok(?:ay)?|handled|cleared)\b|\bfalse\s+(?:alarm|positive)\b"),
        (1.0, r"\b(?:close[ds]?(?:\s+(?:out|off))?|closing|fixed|solved?|sorted(?:\s+out)?|dealt\s+with|taken\s+care\s+of|taken\s+down|all\s+(?:good|clear|fine)|back\s+to\s+normal|recovered|clear(?:ed)?(?:\s+(?:up|out))?"
              r"|is\s+over|is\s+gone|went\s+away|gone\s+away|no\s+longer\s+(?:an?\s+)?(?:issue|problem|relevant|valid|happening|true)|not\s+(?:an?\s+)?(?:issue|problem)\s+any\s?more|settled?"
              r"|done(?:\s+with)?|finished|put\s+to\s+bed|wrap\s+up|tick\s+off|end|under\s+control|healthy\s+again|(?:is|are)\s+(?:ok(?:ay)?|fine|good|up|back)(?:\s+(?:again|now))?)\b"),
    ), objects=ALERT, never=_PRODUCTS + r"|\b(?:isn't|not|never|is|was|did|has)\s+(?:really\s+)?(?:resolved|fixed|over|solved)\s*\?|\b(?:isn't|not)\s+(?:really\s+)?(?:resolved|fixed|over)|^(?:is|are|was|has|have|did|who|which|what|how|why|show|list|any)\b"),
    _family("escalate_alert", "alert service", (
        (1.5, r"\bescalat\w+"),
        (1.1, r"\b(?:bump|push|pass|hand|kick|send|take|move|run|raise|flag)\b.*\b(?:up(?:wards?|stairs)?|higher|to\s+(?:the\s+)?(?:next|second|level|tier|boss|manager|lead\w*|management|on-?call|l[23]|[\w-]+\s+(?:lead|manager|team))|further)\b"
              r"|\b(?:next|second|third|2nd|3rd)\s+(?:level|line|tier)\b|\bup\s+the\s+(?:chain|ladder|line)\b|\b(?:l|level\s|tier\s)[23]\b"
              r"|\b(?:wake|page|ring|involve|loop\s+in|bring\s+in|get|call\s+in|needs?|pull\s+in)\b.*\b(?:manager|boss|lead\w*|senior|backup|next\s+(?:person|one|in\s+line)|second|higher|secondary|someone\s+else|more\s+(?:people|eyes))\b"),
    ), objects=ALERT, never=_PRODUCTS),
    _family("explain_alert", "alert", (
        (1.2, r"\bexplain\w*|\belaborate\b|\bwhat\s+(?:does|do|did)\b.*\b(?:mean|say|want|try\w*\s+to\s+tell)\b|\bmeaning\s+of\b|\bmake\s+sense\s+of\b"),
        (1.1, r"\bwhy\s+(?:did|is|was|has|have|does|do|am|are|were|on\s+earth)?\b.*\b(?:fire[ds]?|firing|alert\w*|warn\w*|page[ds]?|paging|ring\w*|rang|go(?:ing|es)?\s+off|went\s+off|trigger\w*|open\w*|raised?|came?|get|got|there|beep\w*)\b|\bwhy\b"
              r"|\bwhat(?:'s|\s+is|\s+was|\s+are)?\b.*\b(?:about|behind|for|up\s+with|going\s+on\s+with|the\s+(?:story|deal|matter|reason|background|cause))\b|\bwhat\s+(?:caused|triggered|set\s+off|raised|led\s+to|happened)\b"
              r"|\b(?:more\s+)?(?:details?|info\w*|context|background|story|reason|particulars|facts|low-?down)\b|\btell\s+me\s+(?:more\s+)?(?:about|why|what)\b|\bwalk\s+me\s+through\b|\bhelp\s+me\s+understand\b|\bwhat(?:'s|\s+is)\b"),
    ), objects=ALERT, never=r"\bwhich\b|\bhow\s+many\b"),
    _family("snooze_alert", "alert service", (
        (1.5, r"\b(?<!un)(?<!un-)(?:snooz\w+)\b"),
        (1.1, r"\b(?:mut(?:e|ed|ing)|silenc\w+|hush|shush|shut(?:\s+(?:up|it|him|them))|quiet(?:en)?|quieten\s+down|suppress\w*|postpone|put\s+\S+\s+(?:to\s+sleep|on\s+snooze|to\s+bed)|calm\s+down|pipe\s+down|keep\s+\S*\s*\S*\s*(?:quiet|silent|down)|(?:be|stay|keep|stays)\s+(?:quiet|silent|muted|snoozed)|sleep|hide|ignore|park|pause|hold|turn\s+down|no\s+more)\b"
              r"|\b(?:don't|do\s+not|never|stop|quit|no\s+need\s+to|not)\s+(?:want\s+to\s+|need\s+to\s+)?(?:be\s+)?(?:bother\w*|pag(?:e|ing|ed)|ping\w*|wak(?:e|ing)|remind\w*|notif\w+|nag\w*|ring\w*|bug\w*|hear\w*|alert\w*|show\w*|tell\w*|warn\w*|beep\w*|shout\w*)\b"
              r"|\bremind\s+me\b.*\b(?:later|again|in|at|tomorrow)\b|\bleave\s+me\s+alone\b|\bgive\s+(?:me|us)\s+(?:some\s+)?(?:peace|quiet)\b|\bcome\s+back\s+to\b"),
    ), objects=ALERT, never=_PRODUCTS + r"|^(?:is|are|which|who|what|show|list)\b"),
    _family("list_alerts", "service none", (
        (1.1, rf"(?:^|[.!?;,]\s*)(?:(?:so|and|hey)\s+)?{_SHOW}\b|\bwhat(?:'s|\s+is|\s+has)\s+(?:\w+\s+)?(?:firing|alerting|on\s+fire|burning|ringing|open|unresolved|going\s+off|critical|beeping)\b"),
        (1.1, r"^\s*any\s+(?:\w+\s+)?(?:alerts|alarms|incidents|warnings)\b"),
        (0.9, r"\b(?:open|active|unresolved|current|critical|ongoing|unacknowledged|snoozed|resolved|acknowledged|firing|outstanding|pending|recent|latest|all)\s+(?:\w+\s+)?(?:alerts|warnings|incidents|criticals|alarms)\b|^\s*(?:alerts|incidents|warnings|criticals|alarms)\b"),
    ), objects=r"(?:alerts?|alarms|warnings?|incidents?|criticals?|pages|firing|open|on\s+fire|burning|alerting|unacknowledged|unresolved)", never=rf"\b(?:explain|mean|why|about\s+(?:this|that|the)\s+alert|thresholds?|depend|affected)\b|{FLOWS}\b|\b{FLOW}\b|(?:{RUNS})\b|\bdoes\b", needs=r"\b(?:alerts?|alarms|warnings?|incidents?|criticals?|pages|firing|on\s+fire|burning|alerting|unacknowledged|unresolved)\b|\b(?:any|some)thing\s+(?:\w+\s+)?(?:critical|open|unacked)\b|\b(?:everything|anything|what(?:'s|\s+is))\s+(?:that's\s+|still\s+)*(?:open|unresolved|critical)\b"),
)  # fmt: skip

_SERVICES = (
    _family("set_maintenance", "service", (
        (1.5, r"\b(?:maintenance|maint\.?|maintaining|maintain)\b"),
        (1.1, r"\b(?:planned|scheduled|announced)\s+(?:downtime|outage|work|works|interruption|upgrade)\b|\b(?:upgrade|change|service|patch(?:ing)?|downtime|deploy\w*)\s+window\b"
              r"|\b(?:will\s+be|being|gets?|is\s+being|going\s+to\s+be|we(?:'re|\s+are)|we'll\s+be|getting)\s+(?:upgrad\w+|migrat\w+|patch\w*|updat\w+|servic\w+|work\w*\s+on|reboot\w*|replac\w*)\b|\b(?:down|offline)\s+for\s+(?:an?\s+)?(?:upgrade|patch\w*|migration|works?|update|servicing)\b"),
    ), never=r"\b(?:every|each|when|if|is\s+there|are\s+there|any|which|how|what|end|over|finished|extend|stop|cancel)\b"),
    _family("show_impact", "service flow", (
        (1.5, r"\bblast\s+radius\b|\b(?:impact|fall-?out|ripple|consequences?|collateral|knock-?on|repercussions?|damage)\b"),
        (1.2, rf"\b(?:what|which|who|whom|whose|how\s+(?:bad|badly|many|much)|anything|anyone|would|will|does)\b.*\b(?:break\w*|broke|affect\w*|suffer\w*|hit|happen\w*|stop\w*|fail\w*|dies?|hurt\w*|touch\w*|lose|lost|go(?:es)?\s+(?:wrong|down)|trouble|strand\w*|at\s+risk|notice|feel\w*|care|miss|stuck|bad)\b.*\b(?:if|when|without|once|while|should|with|by)\b.*\b(?:{_DOWN})\b"
              rf"|\b(?:if|when|without|once|should|suppose|say)\b.*\b(?:{_DOWN})\b.*\b(?:what|who|which|how\s+(?:bad|many))\b.*\b(?:break\w*|affect\w*|suffer\w*|hit|happen\w*|stop\w*|fail\w*|dies?|lose|goes|then|notice\w*)\b"
              rf"|\b(?:what|which|who)\b.*\b(?:break\w*|affected|suffer\w*|hit|impacted|dies|stops?|lost)\b.*\bby\b"),
    ), never=r"\bpost\b|\breport\b"),
    _family("show_dependencies", "service flow", (
        (1.4, r"\bdepend\w*|\bdeps\b|\brel(?:y|ies|ied|ying)\s+(?:up)?on\b|\bhinges?\s+on\b|\b(?:up|down)stream\b|\bwhat(?:'s|\s+is|\s+all)?\s+(?:hang\w*|built|sit\w*|rest\w*|run\w*)\s+(?:off|on(?:\s+top)?)\b|\bprerequisites?\b|\brequirements?\s+of\b"),
        (1.0, r"\b(?:what|which)\b.*\b(?:do|does|is|are)\b.*\b(?:needs?|uses?|using|requires?|touch(?:es)?|calls?|talks?\s+to|connects?\s+to|built\s+(?:up)?on|lean\w*\s+on|hang\w*\s+(?:off|on))\b"
              r"|\b(?:what|who|which\s+services?)\s+(?:all\s+)?(?:needs?|uses?|using|requires?|calls?|is\s+using|leans?\s+on)\b"),
    ), never=rf"\bif\b|\bwhen\b|\b{FLOWS}\s+(?:use|using|touch|call|need|talk)"),
    _family("find_root_cause", "service", (
        (1.5, r"\broot[\s-]?causes?\b|\brca\b|\bpost-?mortem\s+of\b"),
        (1.2, r"\bdiagnos\w+|\binvestigate\b|\btroubleshoot\w*|\bget\s+to\s+the\s+bottom\b|\bfind\s+out\s+(?:why|what)\b|\bfigure\s+out\b|\bculprit\b|\bwhat\s+(?:caused|broke|made|killed|happened\s+(?:to|with))\b|\bto\s+blame\b|\bdig\s+into\b|\blook\s+into\b|\bdebug\b"
              r"|\b(?:cause|reason|source|origin)\s+(?:of|for|behind)\b|\bwhat(?:'s|\s+is|\s+was|\s+are)?\s+(?:\w+\s+){0,2}?(?:causing|behind|wrong\s+with|up\s+with|going\s+on\s+with|the\s+(?:matter|problem|trouble|issue)\s+with|breaking|slowing|making|dragging|hurting|ailing|killing|bothering)\b"),
        (1.2, rf"\b(?:why|how\s+come|what\s+makes|how\s+is\s+it\s+that)\b.*\b{BAD}\b|\b{BAD}\b.*\b(?:why|how\s+come)\b"),
    ), objects=BAD, never=rf"\b{ALERT}\b(?!\s*$)|\b(?:card|issue|task|ticket|deal|message)s?\b(?!\s*\?*$)"),
    _family("recommend_service", "service category", (
        (1.3, r"\brecommend\w*|\bsuggest\w*|\badvise\b|\badvice\b"),
        (1.2, r"\b(?:alternatives?|replacements?|substitutes?|other\s+options?|options?\s+instead|something\s+(?:else|better|other)|(?:an)?other\s+(?:\w+\s+)?than|different\s+(?:\w+\s+)?than|move\s+(?:off|away)|instead\s+of|in\s+place\s+of|rather\s+than|switch\s+(?:to|from|away)|swap\s+(?:\S+\s+)?for|better\s+than|stand-?in)\b"),
        (1.1, r"\b(?:which|what|who|where|the|any)\b.*\b(?:best|better|fastest|faster|quickest|healthiest|safest|strongest|steadiest|cheapest|most\s+\w+|least\s+\w+|reliable|stable|good|dependable|performs?|wins?|winning|leading|leads|prefer\w*|trust|(?:should|shall|could|do|can)\s+(?:I|we)\s+(?:be\s+)?(?:us(?:e|ing)|take|pick|choose|go|trust|save|put|store|send))\b"
              r"|^(?:the\s+)?(?:best|fastest|healthiest|quickest|safest|most\s+\w+|least\s+\w+)\b"),
    ), objects=r"(?:rather|different|place|right\s+now|instead)", never=r"\b(?:cost|price|per\s+seat|buy|learn|workflow|improve\w*|speed)\b"),
    _family("health_report", "service none", (
        (1.2, r"\bhealth(?:y|iness)?\b|\bstatus(?:es)?\b|\b(?:what\s+)?state\s+(?:of|is|are)\b|\bcondition\b|\bvitals\b|\bcheck-?up\b|\bwell-?being\b"),
        (1.0, rf"\bhow(?:'s|\s+is|\s+are|\s+was|\s+has|\s+have|\s+about|\s+did)?\b.*\b(?:things|doing|feeling|looking|been|holding\s+up|behaving|performing|faring|going|today|coping|getting\s+on|keeping)\b|^how(?:'s|\s+is|\s+are|\s+about)\s+(?:{SERVICE})"
              rf"|\b(?:is|are|was)\b.*\b(?:up|down|ok(?:ay)?|alive|working|fine|healthy|slow|reachable|available|broken|back|online|offline|stable|responding|green|red|good|well|dead|alright|functional|operational|go|nominal|in\s+order|wrong|sick)\b"
              rf"|\b(?:any|are\s+there|having)\b.*\b(?:problems?|issues?|trouble)\b.*\bwith\b|^\s*{SERVICE}\s+(?:ok(?:ay)?|up|down|alive|working|fine|good)\b|\b(?:check|ping|look)\s+(?:up\s+)?(?:on\s+|at\s+)?(?:the\s+)?{SERVICE}"),
    ), objects=r"(?:services?|systems?|integrations?|connections?|everything|stack|report|overview|all)", never=rf"\bwhy\b|\b{FLOW}\b|\b{RUNS}\b|\balerts?\b|\b(?:my|your|sleep|diet|weather)\b|\bhealth\s+(?:insurance|care)\b"),
    _family("service_metrics", "service", (
        (1.5, rf"\b(?:{metric_words()})\b"),
    ), never=rf"\bwhy\b|\b(?:critical|warning|warn)\b.*\d|\bthreshold|\b(?:{FLOW}|{RUNS})\b|\balerts?\b"),
    _family("set_threshold", "service", (
        (1.4, r"\bthresholds?\b|\blimits?\b|\bcut-?off\b"),
        (1.1, r"\b(?:critical|warning|warn|crit)\b.*?\b(?:at|from|above|over|beyond|past|below|under|when|if|once|is|=|to|after|>|<)|(?:[>=<]|\b(?:at|above|over|beyond|below|under|from|past|more\s+than|less\s+than|exceed\w*|reach\w*|hits?))\s*(?:\w+\s+){0,2}?\d.*\b(?:critical|warning|warn|crit)\b"),
    ), objects=rf"(?:{metric_words()}|ms|seconds?|percent|set|should|count|treat|anything|milliseconds?|rate|time)", needs=rf"\b(?:{metric_words()})\b"),
    _family("on_call", "none", (
        (1.5, r"\bwho(?:'s|\s+is|\s+has|\s+was|m|se)?\b.*\b(?:on[\s-]?call|on\s+duty|pager|on\s+shift|stand-?by|on\s+watch|rota|covering|covers|duty)\b|\bon[\s-]?call\b.*\b(?:who|person|engineer|now|today|tonight|rota|schedule|list|right)\b|\b(?:who|person|engineer|name|contact|someone|somebody|schedule|rota)\b.*\bon[\s-]?(?:call|duty)\b"),
        (1.2, r"\bwho\b.*\b(?:should|do|can|could|shall|must|to)\b.*\b(?:page|call|wake|ring|phone|contact|reach|ping|bother|turn\s+to)\b|\bwho(?:'s|\s+is|\s+has|\s+will)\s+(?:\w+\s+)?(?:covering|watching|carrying|holding|looking\s+after|responsible|in\s+charge|up)\b|\bwhose\s+(?:turn|shift|watch|duty|week)(?:\s+is\s+it)?\b|^on[\s-]?call\b"),
    ), objects=r"(?:engineer|person|number|contact|phone|colleague|dev|sre|admin|name|tonight|now|today|weekend|week|breaks?|broken|trouble|fire|goes)", never=r"\bI(?:'m|\s+am|'ll|\s+will|\s+can)?\s+(?:take|cover|be)\b|@\w|\buntil\b"),
)  # fmt: skip

_RUN = r"\b(?:re-?)?run(?:s|ning)?\b"
_OVER = rf"(?:in\s+progress|under\s+way|underway|running|going|currently|{RUNS}|stuck|hanging|mid-?way|right\s+now)"
_FLOWING = (
    _family("run_workflow", "flow", (
        (1.2, r"^(?:run|start|trigger|kick\s?-?\s?off|launch|execute|fire(?:\s+(?:off|up))?|begin|invoke|do|set\s+off|spin\s+up|get|kick|go\s+(?:ahead\s+)?with|let\s+loose|perform|play|ship|release)\b|\b(?:run|start|trigger|launch|execute|fire|kick\s+off)\b.*\b(?:now|once|manually|by\s+hand|for\s+me|straight\s+away|immediately)\b|\b(?:make|let|have|get)\b.*\b(?:run|start|go|going|started|running)\b"),
    ), objects=FLOW, never=r"\b(?:every|again|retry|until|till|report|back-?up|history|runs|did|last|next|will|would|how|why|when|which|what|is|are|chance|a\s+new)\b"),
    _family("pause_workflow", "flow", (
        (1.3, r"\b(?:paus(?:e|ing|ed)|suspend(?:ing|ed)?|halt(?:ing|ed)?|fr(?:eez(?:e|ing)|ozen)|disabl(?:e|ing|ed)|deactivat(?:e|ing|ed)|unschedule|hibernate|bench|shelve)\b"),
        (1.1, r"\b(?:hold(?:ing)?(?:\s+(?:off|back|fire))?|stop(?:ping)?|t(?:urn(?:ing|ed)?|aken?|aking)\s+(?:\S+\s+){0,3}?off(?:-?line)?(?!\s+hold)|switch(?:ing|ed)?\s+(?:\S+\s+){0,3}?off|shut(?:ting)?\s+(?:\S+\s+){0,3}?off|park(?:ing)?|mut(?:e|ing)|silence|put\s+.*\bon\s+(?:hold|ice|pause|standby)|on\s+(?:hold|ice|pause|standby)|sit\s+out|stand\s+down|take\s+a\s+(?:break|rest|nap)|(?:a\s+)?(?:break|rest|holiday)"
              r"|(?:stay|be|keep|remain|kept|stays|remains)\b.*\b(?:quiet|off|paused|stopped|silent|still|on\s+hold|asleep|disabled|inactive|dormant|down)|sleep|nap|hush|lie\s+low|rest|(?:not|no\s+longer|don't|do\s+not|never|shouldn't|should\s+not|mustn't)\s+(?:let\s+\S+\s+|be\s+)?(?:run(?:ning)?|fire|start|go\s+off|execute))\b"),
    ), objects=FLOW, never=rf"\b(?:alerts?|maintenance)\b|\b{RUNS}\s+(?:of|for|that)\b|\b(?:rather\s+than|instead)\b|^(?:which|what|is|are|who|show|list|why|how|did)\b|\bstop\s+\w+ing\b|\bin\s+progress\b|\bunder\s+way\b"),
    _family("resume_workflow", "flow", (
        (1.3, r"\b(?:resum(?:e|ing|ed)|un-?\s?paus(?:e|ing|ed)|re-?activat(?:e|ing|ed)|re-?enabl(?:e|ing|ed)|un-?freez\w*|un-?suspend|un-?park|thaw|revive|un-?mute|activat(?:e|ing))\b"),
        (1.1, r"\b(?:continue|enable|enabling|restart|wake(?:\s+up)?|carry(?:ing)?\s+on|(?:turn|switch|bring|put|get|set)\b.*\b(?:back|on\s+again|again)|turn(?:ing)?\s+(?:\S+\s+){0,3}?on|switch(?:ing)?\s+(?:\S+\s+){0,3}?on|back\s+(?:on|up|online|in\s+action|to\s+work)|(?:start|run|go|let|working|running|live|fire)\b.*\bagain|go\s+on|pick\s+up\s+(?:again|where)|(?:can|may|should|allowed\s+to|let)\b.*\b(?:proceed|go\s+ahead|run|start|go)\b|off\s+(?:hold|pause|ice)|good\s+to\s+go|all\s+clear\s+for|lift\s+the\s+(?:pause|hold))\b"),
    ), objects=FLOW, never=rf"\b(?:alerts?|retry|failed|choked|broke|crashed|fell|died|another)\b|^(?:which|what|is|are|who|show|list|why|how|did|don't|do\s+not|will|would)\b|\bnot\b|\bin\s+future\b|\b{RUNS}\s+(?:of|for)\b"),
    _family("delete_workflow", "flow", (
        (1.4, r"\b(?:delet(?:e|ing|ed)|remov(?:e|ing|ed|al)|eras(?:e|ing|ed)|get(?:ting)?\s+rid\s+of|rid\s+of|trash(?:ing|ed)?|wiped?|eliminat(?:e|ing|ed)|destroy(?:ed)?|scrap(?:ping|ped)?|nuked?|purged?|binn?(?:ed)?|axed?|ditch(?:ed)?|obliterate|discard|dispose\s+of|dump|uninstall|decommission|retire)\b"),
        (1.1, r"\b(?:drop|throw\s+(?:\S+\s+){0,2}?(?:away|out)|chuck(?:\s+out)?|kill\s+off|clear\s+out|can\s+go(?:\s+away)?|(?:must|should|has\s+to|needs\s+to)\s+go|(?:don't|do\s+not|no\s+longer)\s+(?:need|want|use)\b.*|gone\s+for\s+good|take\s+down|tear\s+down)\b"),
    ), objects=FLOW, never=r"\b(?:step|card|issue|file|task|ticket|message|channel|event|meeting|alert|label|page|folder|approv\w*|retr(?:y|ies)|condition|fallback|notification|from|in|rota|escalation|threshold)s?\b|^(?:which|what|who|why|how|did|show|list)\b"),
    _family("show_workflow", "flow", (
        (1.0, r"^(?:show|open(?:\s+up)?|display|view|see|print|describe|let\s+me\s+see|look\s+at|pull\s+up|bring\s+up|inspect|read\s+(?:out|me)|get|give)\b|\b(?:open\s+up|walk\s+me\s+through|take\s+a\s+look\s+at|explain\s+what)\b"),
        (1.2, r"\bwhat\s+(?:\w+\s+)?happens\s+(?:in|inside|during|when|with)\b|\bwhat\b.*\b(?:does|do|will|did)\b.*\b(?:do|look\s+like|consist|contain|include)\b|\bwhat(?:'s|\s+is)\s+(?:in|inside|behind)\b|\bhow\s+(?:does|is|are)\b.*\b(?:work|set\s+up|built|configured|defined|look|made|put\s+together|structured|wired)\b"),
        (1.2, r"\b(?:definition|steps|yaml|details?|config(?:uration)?|source|contents?|set-?up|blueprint|structure|recipe|insides)\b"),
    ), objects=FLOW, never=rf"\b(?:{RUNS}|alerts?|history|analytics|stats|statistics|performance|numbers|depend\w*|versions?|add|remove|change|impact)\b"),
    _family("list_workflows", "service none", (
        (1.3, rf"\b{FLOWS}\b|\bevery\s+(?:\w+\s+)?(?:work\s?flow|flow|automation)\b|\b(?:what|which|anything)\b.*\b(?:automated|automating|automate)\b|\beverything\s+(?:that\s+is\s+|we\s+have\s+)?automated\b"),
    ), objects=r"(?:list|show|all|our|which|what|any|every|how\s+many|give|see|existing|have|display|get|exist)", never=r"\b(?:runs|ran|templates?|perform\w*|breaks?|affected|suffer\w*|hit\s+by|impact\w*|scheduled|upcoming|delete|analytics|stats|statistics|depend|rely|create|new|improve|next|failed\s+(?:last|today|yesterday))\b"),
    _family("edit_workflow", "flow", (
        (1.2, r"^(?:edit|change|modify|update|adjust|alter|amend|tweak|rework|revise|extend|reconfigure|add|insert|append|remove|drop|delete|include|rename|move|reschedule|shift|swap|replace|set|make|raise|lower|increase|decrease|in|for|on)\b"),
        (0.7, r"^(?:to|have|let|give|stop|take|get)\b"),
        (1.2, r"\b(?:should|must|shall|needs?\s+to|has\s+to|ought\s+to|is\s+to|could|to)\s+(?:now\s+|also\s+|rather\s+|no\s+longer\s+|not\s+|only\s+|instead\s+)*\w+.*|\b(?:instead|rather\s+than|from\s+now\s+on|as\s+well|no\s+longer)\b"),
    ), never=r"→|^(?:when(?:ever)?|if|every|each|once|remind|which|what|who|why|how|did|will)\b|\b(?:thresholds?|maintenance|alerts?|history|runs|rota|escalation)\b|\b(?:new|create|build)\s+(?:a\s+)?(?:work\s?flow|automation)|\bset\s+up\b|\b(?:topic|purpose|presence)\b|\bwalk\s+(?:me|us)\s+through\b|\bto\s+see\s+(?:what|how)\b"),
    _family("retry_run", "flow run", (
        (1.4, r"\bretr(?:y|ies|ying)\b|\bre-?try\b|\bre-?attempt\b|\bredo\b"),
        (1.2, r"\b(?:another|one\s+more|a\s+second|a\s+new)\s+(?:go|try|crack|bash|stab|round|shot|attempt|chance|time|run|spin|whirl)\b|\b(?:try|run|do|start|execute|fire|give|kick\s+off|launch)\b.*\b(?:again|once\s+more|one\s+more\s+time|over)\b|\b(?:repeat|restart)\b|\bfrom\s+(?:where|the)\b.*\b(?:failed|broke|left)\b"),
        (0.9, r"^re-?run\b"),
    ), objects=rf"(?:failed|broke\w*|choked|crashed|died|fell\s+over|errored|failing|{RUNS}|bombed|stumbled|went\s+wrong)", never=r"\b(?:every|whenever|each\s+time|resume|retries\b.*\bto|times)\b|\b(?:let|can|may|allow\w*)\b.*\b(?:run|start|go)\s+again|^(?:which|what|who|why|how|did|show|list)\b"),
    _family("cancel_run", "flow run", (
        (1.2, r"\b(?:cancel(?:l?ing)?|abort(?:ing)?|terminat(?:e|ing)|kill(?:ing)?|interrupt|call\s+off|pull\s+the\s+plug|break\s+off|cut\s+short)\b"),
        (0.9, r"\b(?:stop(?:ping)?|halt|end|nuke|quit|drop|scrub)\b"),
    ), objects=_OVER, never=r"\b(?:every|whenever|each\s+time|until|till|from\s+running|for\s+(?:now|a\s+while|the\s+moment)|this\s+week|subscription|meeting|snooz\w+|maintenance|alerts?)\b|^(?:which|what|who|why|how|did|show|list)\b|\bstop\s+\w+ing\b"),
    _family("run_history", "flow none", (
        (1.2, rf"\b(?:{RUNS}|history|log|failures|executions|track\s+record)\b"),
        (1.2, r"\b(?:did|has|have|was|were)\b.*\b(?:run|ran|succeed\w*|work\w*|fail\w*|finish\w*|complete\w*|ok(?:ay)?|fine|alright|successful|all\s+right|clean|go(?:ne)?\s+(?:through|wrong|well|ok|fine)|went\s+\w+|break|broke|crash\w*|go|execute\w*|fire)\b|\bwhen\s+(?:did|was|has)\b.*\b(?:run|ran|last|fail\w*|execut\w*|succeed\w*|work\w*)\b|\bhow\s+(?:did|often\s+did|many\s+times)\b.*\b(?:go|run|fail\w*|turn\s+out|end|work|do)\b|\blast\s+time\b|\bwhy\s+did\b.*\bfail\b"),
    ), objects=r"(?:last|past|recent|latest|failed|successful|succeeded|yesterday|previous|week|month|all|show|list|history|days?|today)", never=r"\b(?:will|going\s+to|upcoming|next|scheduled|tomorrow|likely|chance|cancel|abort|stop|kill|retry|again|pause|resume|redo|terminate|analytics|stats|how\s+likely)\b|\bevery\s+(?!(?:single\s+)?(?:runs?|executions?|failures?|attempts?)\b)|\bif\b"),
    _family("predict_run", "flow", (
        (1.4, r"\b(?:chances?|odds|probabilit(?:y|ies)|likel(?:y|ihood)|predict\w*|forecast|prognosis|p\(\s*\w+\s*\)|success\s+prediction)\b"),
        (1.2, r"^(?:will|would|is|can|does|do\s+you\s+(?:think|expect|reckon))\b.*\b(?:succeed|work|fail|be\s+(?:ok(?:ay)?|fine|successful|alright|safe)|go\s+(?:well|ok|through|wrong|fine|smoothly)|pass|make\s+it|break|finish|complete|crash|survive|run\s+(?:through|fine|ok|successfully|smoothly)|blow\s+up)\b|\bhow\s+(?:likely|probable|sure|risky|safe|confident|certain)\b|\b(?:safe|risky|wise|ok(?:ay)?)\s+to\s+run\b|\brisk\s+(?:of|that)\b|\b(?:expect|bet|think)\b.*\b(?:succeed|fail|work|go\s+through|pass)\w*\b"),
    ), never=r"\b(?:weather|rain)\b"),
    _family("optimize_workflow", "flow", (
        (1.4, r"\b(?:optimi[sz]\w*|streamline|fine-?tune|tune(?:-?up)?|speed\s+(?:\S+\s+){0,3}?up|speed\s+up|slim\s+down|bottlenecks?|shave|trim|beef\s+up)\b"),
        (1.1, r"\b(?:improv\w+|suggestions?|ideas?|tips?|recommendations?|advice|hints?|proposals?)\b|\b(?:make|get|run)\b.*\b(?:faster|quicker|cheaper|better|leaner|smoother|more\s+(?:reliable|efficient|robust|stable)|less\s+\w+|fewer)\b|\b(?:faster|quicker|cheaper|leaner)\b|\b(?:slow|expensive|long)\b.*\bwhat\s+can\b"),
    ), never=r"\bevery\b|\bwhich\b"),
    _family("workflow_analytics", "flow none", (
        (1.4, r"\banalytics\b|\bstat(?:istic)?s\b|\bkpis?\b|\busage\b"),
        (1.1, r"\b(?:performance|numbers|figures|metrics|insights?|summary|time\s+saved|success\s+rate|scorecard)\b|\bhow\s+(?:much\s+(?:time|money|work|effort)|many\s+(?:hours|minutes|times))\b.*\b(?:sav\w+|cost\w*|run|ran)\b|\bhow\s+(?:well|reliabl[ey]|long|often)\b.*\b(?:take|takes|run|perform\w*|work\w*|doing|been|fail\w*|succeed\w*|do)\b|\bhow\b.*\bperform\w*\b|\bhow\s+(?:reliable|dependable|stable|successful|fast|slow|quick|busy|expensive|useful)\s+(?:is|are|was|has)\b|\bhow(?:'s|\s+is|\s+has|\s+have|\s+are)\b.*\b(?:doing|been|performing|getting\s+on|going)\b"),
    ), objects=FLOW + "|" + FLOWS, never=r"\bevery\b"),
    _family("show_schedule", "none", (
        (1.3, rf"\b(?:upcoming|coming\s+up|lined\s+up|queued(?:\s+up)?|due|up\s+next|schedul\w*|planned|agenda|timetable|pending\s+{RUNS})\b"),
        (1.1, r"\bwhat(?:'s|\s+is|\s+are|\s+will|\s+gets?|\s+all)?\b.*\b(?:run(?:s|ning)?|next|fire|start\w*|go(?:es|ing)?\s+(?:off|out)|happen\w*|kick\w*\s+off|on\s+for)\b|\b(?:anything|which|something)\b.*\b(?:run(?:s|ning)?|fire|start|go(?:ing)?\s+off|kick)\b|\bnext\s+(?:\w+\s+)?(?:runs?|workflows?|jobs?)\b|\bwhen\s+(?:is|does|will)\s+the\s+next\b"),
    ), objects=rf"(?:{RUNS}|{FLOW}|{FLOWS}|run|runs|today|tomorrow|tonight|next|week|hours?|anything|what|what's|list|show|the|our|on)", never=r"\b(?:sprint|meeting|board|lunch|last|past|yesterday|maintenance|did|if|paused|make|put|reschedule|move|match|game|train|flight|bus|am\s+I|my|I\s+have)\b|^(?:schedule|set|plan|create|please\s+schedule)\s+(?:a|an|it|me|this|that)\b"),
)  # fmt: skip

_HOUSE = (
    _family("help", "none", (
        (1.5, r"^(?:help|halp|man|usage|commands?|menu|manual|instructions)\b|\bwhat\s+(?:all\s+)?(?:(?:can|could)\s+(?:you|u|I|we|this\s+(?:bot|thing))|do\s+you)\s+(?:do|ask|say|type|offer|help|handle)\b|\b(?:what|which)\s+(?:\w+\s+){0,2}?(?:(?:can|could)\s+(?:you|I|we)|do\s+you)\b.*\b(?:do|ask|say|use|type|offer|support|understand|handle)\b"
              r"|\bhow\s+(?:do(?:es)?|can|should|to)\s+(?:I|we|you|this|it|the\s+bot|signalbox|one)\s+(?:use|work|talk\s+to|start|begin|operate)\b|\b(?:your|the|available|all)\s+(?:commands|features|capabilities|skills|abilities|functions|options)\b|\bwhat\s+are\s+you\s+(?:able|capable|good|for)\b|\bget(?:ting)?\s+started\b|\bneed\s+(?:some\s+)?help\s*(?:$|[.!?]|with|on|about|please)|\bhelp\s+(?:(?:me|us|please|needed)\s*(?:$|[.!?])|(?:(?:me|us)\s+)?(?:with|on|about)\b)|\bguide\s+me\b|\b(?:describe|explain|tell\s+(?:me|us)|show\s+(?:me|us)|what\s+about)\s+how\s+(?:to\s+)?(?:approvals?|alerts?|thresholds?|schedul\w+|teach\w*|fallbacks?|maintenance|retr(?:y|ies)|workflows?|snooz\w+|roles?|permissions?|escalations?)\b|\bcheat-?sheet\b|\bhow\s+do\s+you\s+work\b"),
    )),
)  # fmt: skip

FAMILIES: tuple[Family, ...] = (*_ALERTS, *_SERVICES, *_FLOWING, *_HOUSE)
