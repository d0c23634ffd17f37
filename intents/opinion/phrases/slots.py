"""Made-up names and figures that fill the templates. Data only."""

from __future__ import annotations

SERVICES = (
    "github", "GitHub", "gitlab", "GitLab", "jira", "Jira", "trello", "Trello", "asana", "Asana", "notion", "Notion", "slack", "Slack", "discord",
    "Discord", "Teams", "zendesk", "Zendesk", "hubspot", "HubSpot", "salesforce", "Salesforce", "stripe", "Stripe", "quickbooks", "QuickBooks",
    "dropbox", "Dropbox", "google drive", "gdrive", "onedrive", "OneDrive", "Box", "mixpanel", "google analytics", "GA4", "gcal", "google calendar",
    "monday.com", "google chat",
)  # fmt: skip

WORKFLOWS = (
    "nightly-backup", "invoice sync", "lead-router", "release-train", "bug triage", "weekly digest", "customer onboarding", "deploy notifier",
    "refund-handler", "the standup reminder", "churn alert", "payroll-export", "doc-sync", "pr-announcer", "ticket escalation", "night shift handover",
    "cleanup-old-files", "revenue report", "wf_1a2b3c4d", "payment chaser", "new hire setup", "changelog-poster", "lead sync", "contract archive",
    "sprint summary", "gh-to-jira", "the csv import", "stale-issues", "feedback collector", "morning-brief", "vip-watch", "order intake",
)  # fmt: skip

SLOTS: dict[str, tuple[str, ...]] = {
    "S": SERVICES,
    "W": WORKFLOWS,
    "WF": ("{W}", "{W}", "the {W} (workflow|flow|automation|job)", "workflow {W}", "\"{W}\"", "my {W} flow", "{W} workflow"),
    "A": ("AL-12", "al-307", "alert 42", "#17", "alert 9", "alert AL-88", "01HXZ", "alert 5", "AL-1043", "a3f9", "ALT-7", "alert #203"),
    "R": ("run 12", "run #88", "run 3f9a", "run 4711", "01HV7Z", "run r-19", "run_9b2"),
    "N": ("2", "3", "5", "10", "20", "50", "100", "500", "1000", "7"),
    "P": ("@anna", "@bob", "@maria", "@ops-leads", "@finance", "@oncall", "tom", "the security team", "<@U123>", "Dana", "@sre", "my manager"),
    "C": ("#ops", "#general", "#sales", "#alerts", "#dev", "#support", "#finance", "#releases", "#random", "<#C77>", "#incidents", "#eng-leads"),
    "DUR": ("10 minutes", "30 min", "an hour", "2h", "1h", "two hours", "4 hours", "15m", "45 minutes", "half an hour", "90 min", "a day", "3 days"),
    "UNTIL": (
        "until (tomorrow|monday|friday|noon|tonight|6pm|next week|end of day|eod|17:00|the morning|9am|thursday evening|further notice)", "for {DUR}",
        "till (tomorrow|monday|8|lunch|midnight|next monday|5pm|the weekend is over)",
    ),
    "WINDOW": (
        "today", "yesterday", "this week", "last week", "in the last {DUR}", "over the past (month|week|7 days|24h|quarter|day)", "since monday", "last night",
        "this month", "last 24 hours", "over the last {N} days", "past {N} hours", "since yesterday", "lately", "overnight",
    ),
    "AT": (
        "tomorrow", "tonight", "at 3am", "on friday", "next monday", "in an hour", "at noon", "at 18:00", "this afternoon", "tomorrow at 9",
        "on saturday night", "later today",
    ),
    "SEV": ("critical", "warning", "high", "low", "major", "minor", "p1", "severe", "info"),
    "METRIC": (
        "response time", "latency", "error rate", "success rate", "throughput", "availability", "uptime", "failure rate", "p95", "rps",
        "response times", "errors",
    ),
    "VALUE": ("5%", "2 seconds", "800ms", "99%", "10 percent", "1.5s", "500 ms", "3s", "99.5 %", "0.05", "20%", "100 requests a minute"),
    "CAT": (
        "file store", "file storage", "crm", "project tool", "chat tool", "ticketing system", "git host", "payment provider", "task tracker",
        "storage", "cloud drive", "issue tracker", "analytics tool", "calendar",
    ),
    "SCHED": (
        "every ({DAY}|other {DAY}|{DAY} and {DAY}|second {DAY})[ (at|@) {CLOCK}][ {ZONE}]", "{DAY}s[ (at|@)] {CLOCK}[ {ZONE}]", "on {DAY} at {CLOCK}[ {ZONE}]", "(on )?the (1st|2nd|15th|first|last day) of (january|march|june|each month|every month|the month|april and october)[ at {CLOCK}]",
        "(1st|2nd|3rd|last|first|second) {DAY} of (the month|every month|each quarter|march)[, at {CLOCK}|,? {CLOCK}][ {ZONE}]", "{CLOCK} (every day|daily|each morning|on weekdays|mon-fri|tomorrow)", "at {CLOCK}( {ZONE})? (on workdays|every {DAY}|tomorrow|tonight|on the last business day)", "every {N} (min|minutes|hours|weeks)[ (from|between) {CLOCK} (to|and) {CLOCK}]", "*/{N} * * * *", "0 {N} * * 1-5",
        "(tomorrow|tonight|next {DAY}|this {DAY}|in {DUR}|in {N} (hours|minutes|days))[ at {CLOCK}]", "(twice|once|3 times|2x|three times) a (day|week)[, {CLOCK} (and|&) {CLOCK}]", "(each|every) (quarter|month end|sunday night|business day|working day|hour on the hour|half hour|year)[ at {CLOCK}]",
        "every (day|morning|evening|hour|week|month|quarter|night|weekday|friday|monday|tuesday)[ at (9|8am|17:00|noon|6 pm|07:30)]",
        "(daily|weekly|hourly|monthly|nightly)[ at (9|8am|midnight|10:00)]", "on (mondays|fridays|weekdays|the first of the month)[ at (9|8:30|4pm)]",
        "each (morning|monday|workday|evening|thursday)", "every {N} (minutes|hours|days|min|hrs)", "once a (day|week|month)", "at (9am|5pm|noon) every day",
        "twice a day", "every other (day|friday|week)", "every (first|last|second) (monday|friday|business day) of the month", "tomorrow at (9|10|noon|3pm)", "in (2|two|3|5) hours", "in {DUR}",
        "mon-fri at (9|18:00)", "in {N} (minutes|hours)", "every last day of the month", "weekdays (9am|at 10)", "on the 15th of (each|every) month",
    ),
    "DAY": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "Monday", "Friday", "Thursday", "weekday", "day", "mon", "fri", "workday", "morning"),
    "CLOCK": ("9", "8am", "9:30", "17:00", "6 pm", "noon", "midnight", "08:15", "10 o'clock", "4pm", "7:45", "23:00", "half past eight", "8", "3 p.m.", "16h"),
    "ZONE": ("Berlin time", "UTC", "London time", "New York time", "in Europe/Paris", "CET", "PST", "Tokyo time", "my time"),
    "COND": (
        "(but )?(only )?(during|outside) (working|office|business) hours", "(but )?not (for|if|on) (drafts|bots|weekends|it is a draft|info alerts|holidays)", "(if|when) (event.)?(status|stage|priority) (is|==|equals) ({Q}|high|done)", "unless (their|its) (status|label|stage) is ({Q}|Draft)",
        "(with|of) (severity|priority) (high|critical|urgent|p1)", "with (the )?(label|tag|subject|title|word) ('{Q}'|{Q})", "in (acme/{Q}|project {Q}|{Q}|the database {Q}|{C})", "(over|above|>) {N}k?", "whose (name|title|subject) (contains|starts with) '{Q}'",
        "where the (amount|value|priority|country) (is|exceeds|equals) ({N}|high|germany)",
        "[but ](only )if (the amount is (over|above|more than) {N}|it's urgent|priority is high|the status is open|it is on main|the title contains \"{Q}\")",
        "unless (it's a draft|it is from a bot|{P} wrote it|the amount is below {N}|it's already closed)", "(labelled|tagged|marked) (bug|urgent|vip|security)",
        "on the (main|release|staging) branch", "(above|over|worth more than) {N} (euros|dollars|usd|eur)", "from {P}", "in the (web|api|billing) repo",
        "with priority (high|urgent|low)", "assigned to {P}", "in the {Q} (board|project|folder|channel|pipeline)", "about {Q}", "and the subject mentions {Q}",
    ),
    "OPT": (
        "retry (it )?({N} times|3x|twice|up to {N} times)", "needs approval from {P}", "(with|after) approval (from|by) {P}",
        "if {S} is down use {S} instead", "fall back to {S}", "(time out|timeout|give up) after {DUR}", "if that fails tell {P}",
        "don't do it twice for the same (ticket|issue|file|order)", "with {N} retries", "in case it fails[,] post to {C}", "call it {W}",
    ),
    "Q": (
        "Launch", "Q4 plan", "billing", "outage", "refund", "invoice", "welcome", "hello team", "roadmap", "incident", "Customer feedback", "Sprint 12",
        "release notes", "contracts", "Inbox", "To review", "onboarding", "server", "urgent", "beta", "Marketing", "design", "Acme", "north region",
    ),
    "BOT": ("signalbox", "@signalbox", "bot", "hey bot", "hey signalbox", "hi", "ok", "hey", "hello", "so", "um", "right", "@Signalbox"),
    "PLEASE": (
        "please", "pls", "can you", "could you", "could you please", "would you mind to", "i want you to", "i'd like you to", "kindly", "we need to", "let's",
        "i need you to", "would you", "can we", "i want to", "go ahead and", "just", "quickly", "be so kind and",
    ),
    "END": ("please", "pls", "thanks", "thx", "thank you", "asap", "now", "for me", "if you can", "ok?", "cheers", "when you get a sec", "would be great", "ty"),
}
