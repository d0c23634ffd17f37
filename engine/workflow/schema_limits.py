"""How large, how many, how long: the limits of the language, each in one place."""

from __future__ import annotations

MAX_STEPS = 1_000  # of one definition, nested ones included
MAX_NESTED = 8  # blocks within blocks
MAX_EXPRESSIONS = 5_000  # conditions and templates of one definition
MAX_INPUTS = 50
MAX_CHOICES = 25  # of an input: as many as a form can offer everywhere
MAX_ENV = 200
MAX_BRANCHES = 50  # of a parallel, and cases of a switch
MAX_EVENTS = 20  # a trigger waits for
MAX_EXCEPTIONS = 400
MAX_APPROVERS = 50
MAX_RETRIES = 20
MAX_TOGETHER = 100  # entries of a foreach at a time
MAX_RUNS_TOGETHER = 1_000
MAX_RATE = 100_000

MAX_NAME = 120  # characters of a name
MAX_TEXT = 20_000  # characters of any other text
MAX_DESCRIPTION = 2_000
MAX_QUESTION = 4_000  # characters of what people are asked
MAX_PROMPT = 20_000

# Seconds
SECOND = 1.0
MINUTE = 60.0
DAY = 86_400.0
YEAR = 366 * DAY
LONGEST_WORK = 7 * DAY  # by hand, in place of one run
SHORTEST_TIMEOUT = 0.1
EARLIEST, LATEST = 1970, 2999  # years a moment may lie in

IDENT = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"
DOTTED = r"^[a-z][a-z0-9_]{0,63}\.[a-z][a-z0-9_]{0,63}$"
SERVICE = r"^[a-z][a-z0-9_]{0,63}$"
