"""Products that people name and that Signalbox has no connector for: said openly and asked about, never read as a product that it has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.workflow.catalogue import Service

# By what they are for, so that the connected services for the same thing can be offered. A name that is also plain English
# ("linear", "front", "segment") is a product only where a thing of a product follows it ("a linear ticket").
KNOWN: Mapping[str, str] = {
    "project_management": (
        "Linear|ClickUp|Basecamp|Wrike|Smartsheet|Airtable|Coda|Confluence|Todoist|Shortcut|YouTrack|Redmine|OpenProject|Productboard|Aha!"
        "|Azure DevOps|Azure Boards|Calendly|Miro|Figma|Evernote|Obsidian|Pivotal Tracker|Targetprocess|Zoho Projects|MS Project|Microsoft Project"
    ),
    "communication": (
        "WhatsApp|Telegram|Mattermost|Rocket\\.Chat|Zulip|Webex|Twilio|Signal|WeChat|Viber|SendGrid|Mailgun|Postmark|RingCentral|Skype|Zoom|Twitter|LinkedIn"
    ),
    "development": (
        "Bitbucket|Jenkins|CircleCI|Travis|TeamCity|Buildkite|Bamboo|Vercel|Netlify|Heroku|Sentry|Rollbar|Bugsnag|Datadog|New Relic|Grafana|Prometheus|PagerDuty"
        "|Opsgenie|VictorOps|Splunk|Honeycomb|Statuspage|Pingdom|UptimeRobot|LaunchDarkly|SonarQube|Snyk|Gitea|Gerrit|Docker Hub|Kubernetes|Argo ?CD|Terraform|Ansible"
        "|Nagios|Zabbix|Dynatrace|AppDynamics|Elastic|Kibana|Cloudflare"
    ),
    "crm": (
        "Pipedrive|Intercom|Freshdesk|Freshsales|Zoho|Mailchimp|Marketo|ActiveCampaign|Help ?Scout|Drift|Copper|Attio|ServiceNow|Gorgias|Kustomer|Klaviyo"
        "|Typeform|SurveyMonkey|Salesloft|Gong|Crisp|LiveChat|Zoom ?Info|Eventbrite|Greenhouse|Workday|BambooHR|Personio|Delighted"
    ),
    "financial": "PayPal|Xero|FreshBooks|Braintree|Adyen|Chargebee|Recurly|Paddle|Klarna|Shopify|WooCommerce|Magento|Gusto|Brex|Expensify|NetSuite|Plaid",
    "analytics": "Amplitude|Segment|Heap|Tableau|Looker|Power ?BI|Metabase|Snowflake|BigQuery|Redshift|Databricks|PostHog|Hotjar|Matomo|Plausible",
    "file_storage": "SharePoint|iCloud|Nextcloud|Amazon S3|AWS S3|S3|pCloud|Egnyte|WeTransfer|DocuSign|Zoho WorkDrive",
}  # fmt: skip
_PLAIN = frozenset({"linear", "shortcut", "signal", "zoom", "drift", "copper", "paddle", "segment", "heap", "elastic", "gong", "crisp", "plaid", "delighted", "greenhouse", "bamboo", "travis", "honeycomb"})  # fmt: skip
_THINGS = (
    r"(?:issues?|tasks?|tickets?|cards?|projects?|boards?|pages?|docs?|rows?|records?|tables?|incidents?|alerts?|errors?|events?|orders?|deals?|leads?|contacts?"
    r"|lists?|messages?|chats?|conversations?|calls?|meetings?|payments?|invoices?|charges?|subscriptions?|builds?|pipelines?|deploy\w*|releases?|pull\s+requests?|prs?"
    r"|files?|folders?|buckets?|forms?|surveys?|responses?|submissions?|bookings?|comments?|monitors?|dashboards?|reports?|accounts?|customers?|candidates?|workspace)"
)
_CAUSE = (
    r"(?:\b(?:when(?:ever)?|if|once|after|as\s+soon\s+as|the\s+moment|upon|on|should|each|every|any|all|new|for)\s+"
    r"(?:(?:time|a|an|the|our|my|new|each|every|any|all|another|open(?:ed)?|closed|failed|there(?:'s|\s+is)|(?:some(?:one|body)|people|a\s+customer)\s+\w+)\s+)*"
    r"|^\s*(?:(?:a|an|new|failed|closed)\s+)*)"
)
_DEED = (
    r"(?:\b(?:to|into|onto|in|via|using|through|with|on)\s+(?:(?:the|our|my|a|an)\s+)?"
    r"|\b(?:creat|open|mak|fil|rais|add|updat|log|clos|mov|trigger|start|page|book|cop|sync|mirror|sav|put|append|push)\w*\s+(?:(?:a|an|the|our|new|it|that|as)\s+)*"
    r"|(?:→|->|=>|:|\+|,|\band|\bthen)\s*(?:(?:a|an|new)\s+)*)"
)
_TALK = r"(?!\s*(?:links?|urls?|numbers?|calls?\s+link|training|docs?\s+link|invite|recordings?|screenshots?))"


@dataclass(frozen=True, slots=True)
class Unconnected:
    """``name`` as it is written officially, ``said`` as it stands in the text, ``cause``: it is what should start the workflow."""

    name: str
    said: str
    category: str
    cause: bool


def _names() -> dict[str, tuple[str, str]]:
    return {
        name.replace("\\", "").replace(" ?", " ").replace("!", "").casefold(): (name.replace("\\", "").replace(" ?", " "), category)
        for category, names in KNOWN.items()
        for name in names.split("|")
    }


_BY_NAME = _names()
PRODUCTS = frozenset(_BY_NAME)  # in small letters: never typos of our own words
_NAME = (
    "(?P<name>"
    + "|".join(sorted((name for names in KNOWN.values() for name in names.split("|")), key=len, reverse=True))
    + r")(?![\w-]|\.\w)"
)
_AS_CAUSE = re.compile(rf"{_CAUSE}{_NAME}{_TALK}(?P<thing>\s+{_THINGS}\b)?", re.IGNORECASE)
_AS_DEED = re.compile(rf"{_DEED}{_NAME}{_TALK}(?P<thing>\s+{_THINGS}\b)?", re.IGNORECASE)


def unconnected(text: str, workflow: Mapping[str, Any]) -> Unconnected | None:
    """The first product in ``text`` (quotes and connected services masked) that a part of ``workflow`` would need; None where all of it is known.

    What is only talked about is none: a link to it, or words that a step posts.
    """
    told = [str(value).casefold() for step in workflow.get("steps") or () for value in (step.get("with") or {}).values()]
    service = str((workflow.get("trigger") or {}).get("service", ""))
    ours = bool(service) and service not in ("chat", "signalbox")
    for pattern, cause in ((_AS_CAUSE, True), (_AS_DEED, False)):
        for match in pattern.finditer(text):
            said = match["name"]
            if not _meant(said, bool(match["thing"])) or any(said.casefold() in one for one in told):
                continue
            if cause and ours and _masked_before(text, match.start("name")):
                continue  # the cause has its service; this stands in what follows
            name, category = _BY_NAME.get(re.sub(r"\s+", " ", said.casefold()).replace("!", ""), (said, ""))
            return Unconnected(name, said, category, cause)
    return None


def _meant(said: str, thing: bool) -> bool:
    return said.casefold() not in _PLAIN or thing


def _masked_before(text: str, at: int) -> bool:
    return re.search("[\ue200-\ue2ff]", text[:at]) is not None


def question(found: Unconnected, equivalents: Sequence[str]) -> str:
    """What to ask; ``equivalents``: names of connected services for the same thing."""
    same = f" Connected for the same thing: {_listed(equivalents)}." if equivalents else ""
    if found.cause:
        return (
            f"I have no connector for {found.name}, so I cannot see what happens there. Which service should I watch instead?{same}"
            f" {found.name} may also call me: then begin with “when a webhook is received”."
        )
    return f"I have no connector for {found.name}. Which of my services should I use instead?{same}"


def equivalents(found: Unconnected, services: Mapping[str, Service]) -> tuple[tuple[str, str], ...]:
    """(name, id) of connected services for the same thing, at most five, in the catalogue's order."""
    return tuple((one.name, one.id) for one in services.values() if one.category == found.category and one.id not in ("chat", "http"))[:5]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
