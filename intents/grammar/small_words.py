"""The small change of any English sentence: words that say nothing about what is wanted of us."""

from __future__ import annotations

import re

FILLER = re.compile(
    r"(?:a|an|the|this|that|these|those|it|its|it's|i|i'm|i'd|i'll|i've|we|we're|we'd|we'll|we've|you|you're|he|she|they|them|me|us|my|our|your|their|his|her|one|ones|"
    r"is|are|was|were|be|been|being|am|do|does|did|done|has|have|had|having|can|could|will|would|should|shall|may|might|must|need|needs|want|wants|let|lets|let's|"
    r"of|to|for|in|on|at|by|with|from|about|into|onto|over|under|as|than|per|via|within|during|around|through|up|out|off|back|"
    r"and|or|but|so|if|then|also|too|not|no|yes|any|some|all|every|each|both|there|here|now|right|just|please|pls|kindly|thanks|thank|ok|okay|hey|hi|hello|oh|um|uh|hm|hmm|well|"
    r"what|what's|which|who|who's|whom|whose|how|how's|why|when|where|where's|show|tell|give|get|see|list|look|make|go|going|got|know|say|like|"
    r"currently|today|tonight|tomorrow|yesterday|again|still|already|yet|ever|always|really|actually|quite|very|much|many|more|most|only|even|maybe|perhaps|soon|quickly|immediately|"
    r"once|moment|time|while|being|bit|lot|thing|things|stuff|guys|folks|team|everyone|somebody|someone|anybody|anyone|possible|please|sorry|good|morning|boss|mate|"
    r"don't|didn't|doesn't|isn't|can't|won't|haven't|couldn't|wouldn't|there's|that's|here's|service|system|tool|app|longer|anymore|away|everything|anything|something|nothing|straight|asap|anyway|also|exactly|else|fine|sure|bot|whole|entirely|completely|permanently|forever|now|mean|means|around|instead|via)",
    re.IGNORECASE,
)
