"""The words of the command line: every command with its help and an example."""

from __future__ import annotations

import argparse

MOST_WORKERS = 64
LONGEST_DELAY = 1e9  # seconds; 31 years
EPILOG = "Settings come from the environment or .env; docs/reference/settings.md lists them. Exit code: 0 done, 1 refused or failed, 2 bad usage."


def parser(benchmarks: tuple[str, ...]) -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="signalbox", description="A chat-ops bot with a durable workflow engine, for Slack, Discord, the web and the terminal.", epilog=EPILOG
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND")

    serve = _command(commands, "serve", "run everything: faces whose credentials are set, web and REST, engine, monitor, scheduler (the default)", "serve")
    serve.add_argument("--workers", type=_workers, default=1, metavar="N", help="processes on this machine, with PostgreSQL: one with the faces, N - 1 that only drive runs (default 1)")
    serve.add_argument("--drive-only", action="store_true", help="no faces, no web: only drive runs, with PostgreSQL")
    serve.add_argument("--parent", action="store_true", help=argparse.SUPPRESS)  # started by another one: ends with its standard input
    _command(commands, "chat", "chat in this terminal, beside a running server or alone", "chat")

    ask = _command(commands, "ask", "one turn of conversation", 'ask "what breaks if trello goes down?"')
    ask.add_argument("text", metavar="TEXT", help="what to say; a slash command or a sentence")
    ask.add_argument("--as", dest="name", default="", metavar="NAME", help="who says it (a name to show)")
    ask.add_argument("--channel", default="#ops", metavar="C", help="where it is said (default #ops)")
    ask.add_argument("--file", dest="files", action="append", default=[], metavar="PATH", help="a file that “this” means; may be said several times")
    ask.add_argument("--confirm", action="store_true", help="press Confirm on the preview that comes back")
    ask.add_argument("--json", action="store_true", help="print {cards, command, run} as JSON")

    parse = _command(commands, "parse", "read one sentence a line and print what each would become, doing nothing", "parse < sentences.txt")
    parse.add_argument("--now", default="", metavar="ISO", help="the moment to read relative times against (default: now)")
    parse.add_argument("--timezone", default="", metavar="TZ", help="the zone of whoever asks (default: the house's)")

    impact = _command(commands, "impact", "what breaks if a service goes down", "impact trello --json")
    impact.add_argument("service", metavar="SERVICE")
    impact.add_argument("--state", choices=("down", "degraded"), default="down")
    impact.add_argument("--json", action="store_true", help="print JSON")

    detect = _command(
        commands, "detect", "score every row of a series by how unusual it is, from the rows before it alone", "detect latency.csv > scores.csv",
        " Columns timestamp,value in; timestamp,value,anomaly_score out, on standard output. A score from 0.5 on is worth telling somebody; a row without a number scores 0.",
    )  # fmt: skip
    detect.add_argument("file", metavar="FILE.csv", help="UTF-8, with a header; timestamps in ISO 8601 or seconds since 1970")

    predict = _command(
        commands, "predict", "foretell every run of a history, from the runs alone whose end was known when it began", "predict --history runs.csv > chances.csv",
        " Columns workflow,started_at,succeeded in; workflow,started_at,probability,low,high,samples out, on standard output, in the same order."
        " The probability of success lies between low and high with 90 %; samples are the runs of that workflow whose end was known.",
    )  # fmt: skip
    predict.add_argument("--history", required=True, metavar="H.csv", help="UTF-8, with a header; succeeded is 1 or 0, or empty while nobody knows")
    predict.add_argument("--delay", type=_delay, default=1200.0, metavar="SECONDS", help="how long after its start an outcome is known (default 1200)")

    root_cause = _command(
        commands, "root-cause", "what is to blame when a service hurts, from what flows through each", "root-cause --graph graph.csv --metrics incident.csv --baseline calm.csv --target shop --metric latency",
        " A list of node, score, share and because as JSON on standard output, best first. Share: how much of the target's excess request-seconds or failed requests the node carries."
        " What is missing to be sure is said on standard error.",
    )  # fmt: skip
    root_cause.add_argument("--graph", required=True, metavar="G.csv", help="a matrix: 1 where the row's service calls the column's; or the columns caller,callee")
    root_cause.add_argument("--metrics", required=True, metavar="M.csv", help="the time in question, bad and calm rows; three rows of headers: microservice, metric, statistic")
    root_cause.add_argument("--baseline", default="", metavar="B.csv", help="the same of an earlier time when all was well; without it the calm rows are all there is to compare with")
    root_cause.add_argument("--target", required=True, metavar="NODE", help="the service that hurts")
    root_cause.add_argument("--metric", required=True, choices=("latency", "availability"), help="what of it hurts")
    root_cause.add_argument("--statistic", default="Average", metavar="S", help="which latency is read, such as Average or p90 (default Average)")

    doctor = _command(commands, "doctor", "what is configured, what is missing, what to do", "doctor")
    doctor.add_argument("--json", action="store_true", help="print JSON")

    export = _command(commands, "export", "write the stored workflows as YAML, one file each, or to standard output", "export workflows/")
    export.add_argument("folder", nargs="?", default="-", metavar="FOLDER", help="folder to write to; - for standard output")

    imported = _command(commands, "import", "read workflows from YAML files or folders and store them", "import workflows/")
    imported.add_argument("paths", nargs="+", metavar="PATH", help="YAML files, or folders of them")
    imported.add_argument("--check", action="store_true", help="only check; store nothing")

    secret = _command(
        commands, "secret", "keep secrets that definitions name as {{secrets.NAME}}; the value is asked for, or read from standard input",
        "secret set api_key < key.txt",
    )  # fmt: skip
    secret.add_argument("what", choices=("set", "list", "forget"), help="set one, list their names, or forget one")
    secret.add_argument("name", nargs="?", default="", metavar="NAME", help="letters, digits and _")

    greeting = _command(
        commands, "greeting", "print the token that a service sent to this house and wants typed in on its page, such as Notion's", "greeting notion"
    )  # fmt: skip
    greeting.add_argument("service", metavar="SERVICE")
    greeting.add_argument("--account", default="default", metavar="NAME", help="which account (default: default)")

    backup = _command(commands, "backup", "write the whole state into one file, while the server runs or not", "backup signalbox-backup.zip")
    backup.add_argument("file", metavar="FILE", help="a new file to write")
    backup.add_argument(
        "--with-key", action="store_true", help="put the secret key inside too: whoever has the file can then read the stored credentials"
    )

    restore = _command(commands, "restore", "put the state of a backup in place, while no server runs", "restore signalbox-backup.zip")
    restore.add_argument("file", metavar="FILE", help="what backup has written")
    restore.add_argument("--force", action="store_true", help="replace the database that is there; it is kept beside the new one")

    _command(commands, "rotate-key", "make a new secret key and encrypt everything that is kept with it, while no server runs", "rotate-key")

    bench = _command(commands, "bench", "run a benchmark; figures are ratios where there is a peer", "bench engine")
    bench.add_argument("name", choices=(*benchmarks, "monitoring", "mind", "all"), metavar="NAME", help=", ".join((*benchmarks, "monitoring (detect to storm)", "mind (impact, rootcause, routing, predict, draw)", "all")))
    bench.add_argument("--set", default="all", metavar="SET", help="of bench parse: gold, own, unseen, languages, thingpedia, scope or all")
    bench.add_argument("--json", action="store_true", help="print JSON")
    return top


def _workers(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"“{text}” is no number of processes; use 1 to {MOST_WORKERS}")
    return number


def _delay(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.0 <= seconds <= LONGEST_DELAY:
        raise argparse.ArgumentTypeError(f"“{text}” is no number of seconds; use 0 or more, for example 1200")
    return seconds


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, help_text: str, example: str, more: str = ""
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=help_text,
        description=help_text[0].upper() + help_text[1:] + "." + more,
        epilog=f"Example: python main.py {example}",
    )
