"""Words that many forms of orders share."""

from __future__ import annotations

SAY = "(saying|reading|:|that says|with [the] (text|comment|message|note))"
NEW = "(create|make|add|open|start|set up|new)"
AN = "[a|an|the|one] [new]"
THE = "[the|my|our|this]"
LOOK = "(search|find|look for|look up|query|list|show|get|fetch) [for]"
CHANGE = "(set|change|update|put)"
CALLED = "[called|named|titled|:]"
CLOSE = "(close|resolve)"
TO = "(to|into|in)"
WITH_LOOK = "(for|about|matching|containing|with)"
ISSUE = "[issue|bug|ticket|pull request|pr|merge request|mr] [number]"
RUN = "(start|run|trigger|dispatch|launch|kick off|rerun|re-run)"
BILL = f"(create|make|write|issue|add) {AN} invoice"
WRITE = "(post|write|say|send)"
MEET = "(create|schedule|book|set up|plan|add|make|arrange)"
