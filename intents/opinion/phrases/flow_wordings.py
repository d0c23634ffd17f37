"""Wordings of the commands about workflows and their runs. Data only."""

from __future__ import annotations

_V = "(workflow|flow|automation|job|process)"

FLOWS: dict[str, tuple[str, ...]] = {
    "edit_workflow": (
        "(change|edit|modify|update|adjust|tweak) {WF} (so that|so|to) (it )?(post|posts|run|runs|write|send) (to {C}|at 9|{SCHED}|instead in {C})",
        "(add|insert|append) (a|another|one more) step to {WF}[ that (tells|pings|emails) {P}]", "(remove|drop|take out|delete) the (last|first|second|{S}) step (from|of|in) {WF}",
        "(make|let|have) {WF} (run|start|fire) {SCHED} instead", "rename {WF} to {W}", "{WF} should (also|now) (tell|notify|post to) ({P}|{C})",
        "{WF} should (only )?(run|fire|go) {SCHED}[, not every hour]", "(move|switch|shift|reschedule) {WF} to (8am|mondays|9:30|friday instead of monday|every hour)",
        "in {WF}[,] (replace|swap) {S} (with|for|by) {S}", "{WF}: (change|set) the channel to {C}", "(have|make) {WF} (also )?(create|open) a {S} (card|task|issue|ticket)",
        "use {C} instead of {C} in {WF}", "edit {WF}", "(i want to|let me) (edit|change|modify) {WF}", "stop {WF} from (posting|writing|telling) (to|in) {C}",
        "add a (condition|filter|check) to {WF}: only {Q}", "{WF} (needs|should get) (an approval|approval by {P}|more retries|a timeout|a fallback)",
        "(set|raise|lower|bump) the (retries|timeout) (of|in|for|on) {WF} to {N}", "put an approval step (before|in front of) the last step of {WF}",
        "from now on {WF} (posts|goes|reports) to {C}", "change the (trigger|schedule|time|channel|condition|title|second step) of {WF}[ to {SCHED}]",
    ),
    "run_workflow": (
        "(run|start|launch|execute|trigger|fire|kick off|fire off) {WF}", "(run|start|trigger|kick off) {WF} (now|right now|again please|with region={Q}|for {Q}|with env {Q})",
        f"(run|start|execute|trigger) the {_V} {{W}} (now|please)", "{WF}[,] (go|run it|now|run now|start it)", "(do|give me) a (manual )?run of {WF}",
        "{W} (jetzt|once more|one more time|right away)[ please]", "(please )?(set off|get going|get started) {WF}", "(can|could) (you|someone) (run|start|kick) {WF}",
        "i need {WF} to run (now|right now|immediately)", "make {WF} run (now|once)", "(run|start) {W} with (version|customer|amount|date) (=|:|as|set to) {N}",
        "time (for|to run) {WF}", "(run|launch) {W}", "(go ahead and )?(execute|invoke|call) {WF}", "{WF} (should|must) run (now|immediately)", "let {WF} (run|go) (now|once)",
    ),
    "pause_workflow": (
        "(pause|suspend|disable|halt|freeze|stop|deactivate|turn off|switch off) {WF}[ {UNTIL}]", "put {WF} on hold[ {UNTIL}]", "(hold|mute) {WF} {UNTIL}",
        "{WF} (should|must) not run {UNTIL}", "(stop|don't let) {WF} (from running|running|run)[ {UNTIL}]", "{WF} off[ {UNTIL}][ please]",
        f"(pause|disable|stop) the {_V} {{W}}[ {{UNTIL}}]", "no more {WF} {UNTIL}", "(give|let) {WF} (a break|rest|sleep)[ {UNTIL}]", "i want {WF} (paused|disabled|stopped|off)[ {UNTIL}]",
        "{WF} is (too noisy|spamming us)[,] (pause|stop|disable) it[ {UNTIL}]", "(take|bring) {WF} (offline|out of service)", "turn {WF} off[ {UNTIL}]", "pause {W}",
        "keep {WF} (quiet|paused|from firing) {UNTIL}", "skip {WF} {UNTIL}",
    ),
    "resume_workflow": (
        "(resume|unpause|re-enable|enable|reactivate|continue|restart|activate|unfreeze) {WF}[ again]", "(turn|switch) {WF} (back )?on[ again]", "turn (back )?on {WF}",
        "{WF} (may|can|should) (run|go on|continue) again", "(bring|get) {WF} back[ up][ and running]", "take {WF} off hold", "un-pause {WF}", "{WF} on[ again][ please]",
        "let {WF} (run|go|continue) again", "(wake|start) {WF} (up )?again", "end the pause (of|for) {WF}", "i want {WF} (enabled|active|running|back) again",
        "we can (resume|unpause|enable) {WF} (now|again)", "(pick|take) {WF} up again", "lift the (pause|hold) (on|from) {WF}", "resume {W}", "stop pausing {WF}",
    ),
    "delete_workflow": (
        "(delete|remove|erase|drop|destroy|trash|scrap|kill|discard) {WF}[ (for good|permanently|please|completely)]", "get rid of {WF}", "throw {WF} away", "throw away {WF}",
        f"(delete|remove) the {_V} (called|named) {{W}}", "we (don't|no longer) need {WF}[ (any more|anymore)][, (delete|remove|drop) it]", "{WF} can (go|be deleted|be removed)",
        "i want {WF} (gone|deleted|removed)", "(bin|nuke|wipe|purge) {WF}", "(delete|remove) (it|that one|this workflow|that flow|the last one|all workflows|everything)",
        "(please )?unregister {WF}", "delete all (my |our )?(workflows|automations|flows)[ (from|of) {S}]", "take {WF} out of the (list|system)", "retire {WF}", "rm {W}", "delete {W}",
    ),
    "show_workflow": (
        "(show|display|open|view|print|describe) (me )?{WF}", "what does {WF} do[?]", "how (does|is) {WF} (work|built|set up|defined)[?]", "(explain|describe) {WF}[ to me]",
        "(details|definition|config|setup|steps|yaml) (of|for) {WF}", "which steps (does|are in) {WF}[ have][?]", "let me (see|look at) {WF}", "what('s| is) in {WF}[?]",
        "what (triggers|starts) {WF}[?]", "when does {WF} run[?]", "(give|send) me the (definition|steps|details) of {WF}", "what (exactly )?happens in {WF}[?]",
        "i want to (see|look at|read) {WF}", "where does {WF} post[ to][?]", "{WF} (details|definition|steps)", "remind me what {WF} does", "show {W}",
    ),
    "list_workflows": (
        "(list|show) (me )?(all |my |our |the |all the |every )?(workflows|flows|automations|jobs)", "(which|what) (workflows|flows|automations|jobs) (do we have|are there|exist|have we got|are set up|are active|are live)[?]",
        "(which|what) (workflows|automations|flows) (use|touch|involve|depend on|talk to|are connected to|write to) {S}[?]", "(list|show) (the )?(paused|active|disabled|failing|broken|enabled) (workflows|flows|automations)",
        "(all|our|my) (workflows|automations)[ please]", "what (is|have we) automated[ (here|so far)][?]", "workflows (list|overview)", "how many (workflows|automations) (do we have|are there|are paused|run)[?]",
        "(is|are) (anything|any workflows|any automations) (paused|disabled|off)[?]", "what are (all )?(our|my|the) (workflows|flows|automations)[?]", "overview of (all |our )?(workflows|automations)",
        "give me (a list|an overview) of (all |the |our )?(workflows|flows|automations)[ (using|with) {S}]", "everything that (uses|posts to|touches) {S}", "{S} (workflows|flows|automations)[?]",
        "what (do|have) (i|we) (got|have) (running|automated|set up)[?]", "which ones are paused", "(see|view) (all )?(workflows|automations)",
    ),
    "run_history": (
        "(show|list|give me) (the )?(runs|history|run history|executions|past runs|last {N} runs|last runs) (of|for) {WF}[ {WINDOW}]", "(when|how often) did {WF} (run|last run|fire|fail|succeed)[ {WINDOW}][?]",
        "(which|what) (runs|executions) (failed|succeeded|crashed|were cancelled|broke)[ {WINDOW}][?]", "(failed|successful|recent|cancelled|last) runs[ of {WF}][ {WINDOW}]", "{WF} (history|runs|log|executions)[ {WINDOW}]",
        "did {WF} (run|work|succeed|fail|go through|finish)[ {WINDOW}][?]", "what (ran|has run|failed|was executed) {WINDOW}[?]", "(was|were) there (any )?(failures|failed runs|errors) (in|of) {WF}[ {WINDOW}][?]",
        "(show|list) (me )?(all )?failures[ of {WF}] {WINDOW}", "history of {WF}", "what happened (in|with) {WF} {WINDOW}[?]", "has {WF} (run|failed|been running)[ {WINDOW}][?]", "how did {WF} (go|do) {WINDOW}[?]",
        "execution (log|history)[ (of|for) {WF}]", "last {N} executions of {WF}", "how many times did {WF} (run|fail) {WINDOW}[?]", "run history[ {WINDOW}]",
    ),
    "retry_run": (
        "(retry|rerun|re-run|redo|repeat) {R}", "(retry|rerun|redo|repeat) the (last|failed|latest|last failed|broken) run[ of {WF}]", "try {R} again", "try {WF} again", "(retry|rerun|re-run|redo) {WF}",
        "(give|have) {WF} another (go|try|shot|attempt)", "{WF} failed[,] (try again|retry|retry it|do it again|run it again)", "(restart|resubmit) (the )?(failed|last) run[ of {WF}]", "run {R} again", "again: {R}",
        "repeat what failed (in|for) {WF}", "(retry|rerun) (it|that|everything that failed)[ please]", "(retry|rerun) (all )?(the )?failed runs[ of {WF}]", "one more (try|attempt) (for|at|of) {R}", "could {R} be (retried|repeated|rerun)[?]",
        "retry {W}", "{R} (again|retry)",
    ),
    "cancel_run": (
        "(cancel|abort|stop|kill|terminate|interrupt) {R}", "(cancel|abort|stop|kill|terminate) the (running|current|latest|stuck|last|ongoing) run[ of {WF}]", "(abort|cancel) {WF}",
        "{R} is (stuck|hanging|wrong)[,] (cancel|stop|kill|abort) it", "(stop|halt) what {WF} is doing (right )?now", "(call|break) off {R}", "(cancel|abort) (it|that run|this run|the run)[ (now|immediately)]",
        "don't (let|finish) {R}[ finish]", "(stop|kill) {R} before it (does|posts) (anything|more)", "(make|have) {R} stop", "cancel (the )?(execution|run) of {WF}", "(stop|abort) the run that is (going|in progress)",
        "(abandon|end) {R}", "{WF} is running wild[,] (abort|stop) the run", "pull the plug on {R}", "cancel {R}",
    ),
    "predict_run": (
        "will {WF} (work|succeed|go through|fail|finish in time|make it)[ {AT}][?]", "(how likely|what are the chances|what are the odds) (is it )?that {WF} (succeeds|fails|works)[ {AT}][?]", "predict {WF}[ {AT}]",
        "(how long|how much time) (will|would|does) {WF} (take|need)[ {AT}][?]", "(forecast|prediction|outlook|prognosis) (for|of) {WF}[ {AT}]", "what (would|will) happen if (i|we) (run|start|ran|started) {WF} {AT}[?]",
        "(is|would) {AT} (be )?a good time to run {WF}[?]", "(is it safe|is it risky|dare we|should i|should we) (to )?(run|start) {WF} {AT}[?]", "chance(s)? of success (of|for) {WF}[ {AT}]", "if i run {WF} {AT}[,] will it (work|fail)[?]",
        "(estimate|guess) (the duration|how long|success) (of|for) {WF}", "can {WF} fail {AT}[?]", "expected (duration|success|outcome) of {WF}", "how risky is {WF} {AT}[?]", "would {WF} work (right now|{AT})[?]", "when will {WF} be done[?]",
    ),
    "optimize_workflow": (
        "(optimize|optimise|improve|speed up|tune|streamline) {WF}", "(how|what) can (we|i|you) (make|do to make) {WF} (faster|better|cheaper|more reliable|quicker)[?]", "make {WF} (faster|quicker|more reliable|better|leaner|cheaper)",
        "(any|got any) (ideas|suggestions|tips|recommendations) (for|to improve) {WF}[?]", "(suggest|propose|recommend) improvements (for|to) {WF}", "{WF} is (slow|too slow|sluggish|flaky)[,] (what can we do|optimize it|make it faster|help)[?]",
        "how (could|can|do) (we|i) (speed up|optimize|improve|tune) {WF}[?]", "where does {WF} (waste|lose) time[?]", "(find|look for) (bottlenecks|improvements|savings) in {WF}", "what slows {WF} down[?]", "what is the bottleneck (of|in) {WF}[?]",
        "can {WF} be (improved|faster|optimized|made faster)[?]", "get {WF} to run faster", "optimisation (tips|hints) for {WF}", "shave (some|a few) (seconds|time) off {WF}",
    ),
    "workflow_analytics": (
        "(show|give me) (the )?(analytics|stats|statistics|numbers|metrics|figures) (of|for|on) {WF}[ {WINDOW}]", "{WF} (analytics|stats|statistics|numbers|performance)[ {WINDOW}]", "how (well|reliably|fast|often) (does|did|is|has) {WF} (run|perform|running|been performing|work)[ {WINDOW}][?]",
        "what('s| is) the (success rate|failure rate|average duration|median duration|error rate) of {WF}[ {WINDOW}][?]", "(workflow|automation|flow) (analytics|stats|statistics|performance|metrics)[ {WINDOW}]", "how (are|have) (our|the|my) (workflows|automations) (doing|performing|been doing)[ {WINDOW}][?]",
        "which (workflow|automation|flow) (is|was) (slowest|the slowest|most used|least reliable|failing most|the flakiest)[?]", "how many runs (did|does|has) {WF} (have|do|had) {WINDOW}[?]", "(performance|statistics|analysis|numbers) of (all workflows|our automations|{WF})[ {WINDOW}]",
        "(how much time|what) did (our automations|{WF}) save[ us] {WINDOW}[?]", "is {WF} getting (slower|worse|better)[?]", "report on how {WF} (performs|is doing)", "success rate of {WF}[ {WINDOW}]", "average (duration|run time) of {WF}",
        "top {N} (workflows|automations) by (runs|failures|duration)", "usage (stats|statistics) (of|for) (our workflows|{WF})",
    ),
    "show_schedule": (
        "(what|which) (runs|jobs|workflows|automations) (are|is) (scheduled|planned|coming up|due|next)[ {AT}][?]", "what (runs|is scheduled|is planned|is due|fires|is coming up|will run) (next|tomorrow|today|tonight|this week|in the next {DUR})[?]",
        "(show|give me|display) (me )?(the |our )?(schedule|timetable|upcoming runs|agenda|calendar of runs|run plan)[ for (today|tomorrow|this week)]", "upcoming (runs|workflows|jobs)[ (today|tomorrow|this week)]", "(schedule|timetable)[ (today|tomorrow|for the week)]",
        "what('s| is) on the (schedule|timetable)[ (today|tomorrow)][?]", "(list|show) (all )?(scheduled|planned) (workflows|jobs|runs)", "when (is|does) the next (run|scheduled job|workflow)[ run][?]", "what will (happen|run) (overnight|tonight|this weekend|in the next {DUR})[?]",
        "(anything|what have we) (scheduled|planned) (for|this) (tomorrow|tonight|weekend|friday)[?]", "next {N} (scheduled )?runs", "what fires (next|at midnight|tonight)[?]", "which (flows|workflows) run (today|tonight|tomorrow|this week)[?]",
    ),
}  # fmt: skip
