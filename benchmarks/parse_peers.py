"""Other ways to read a sentence, learnt from the sentences our own second reader learns from: likeness of words, and a logistic head over tf-idf.

They need scikit-learn, which is put beside the environment by ``make install-parse-peers`` (folder .parse-peers). Where it is not, each peer says so.
"""

from __future__ import annotations

import json
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from engine.workflow.catalogue_data import KNOWN
from intents.opinion.phrases import corpus

BESIDE = Path(__file__).resolve().parents[1] / ".parse-peers"
MISSING = "not installed: make install-parse-peers"
Reading = dict[str, Any]  # {"command": str | None, "trigger": a service or a kind, "actions": services, sorted}
_ANSWER = 60.0  # seconds a language model may take for one sentence


class Peer(ABC):
    """``note`` says what it is or why it cannot be run; ``ready`` whether it can."""

    name = ""
    note = ""

    @property
    def ready(self) -> bool:
        return _installed()

    @abstractmethod
    def predict(self, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in order."""


def peers() -> list[Peer]:
    """Those that can be run here and those that say why not; a language model only where OPENAI_BASE_URL and SIGNALBOX_PARSE_MODEL are set."""
    found: list[Peer] = [Likeness(), Head()]
    if not _installed():
        for peer in found:
            peer.note = MISSING
    if os.environ.get("OPENAI_BASE_URL") and os.environ.get("SIGNALBOX_PARSE_MODEL"):
        found.append(SmallModel())
    return found


@cache
def _installed() -> bool:
    if BESIDE.is_dir() and str(BESIDE) not in sys.path:
        sys.path.append(str(BESIDE))
    try:
        import sklearn  # noqa: F401
    except ImportError:
        return False
    return True


@cache
def known() -> tuple[list[str], list[tuple[str | None, str, tuple[str, ...]]]]:
    """What all of them learn from: our sentences, and what each asks for by services."""
    texts: list[str] = []
    readings: list[tuple[str | None, str, tuple[str, ...]]] = []
    for sentence in list(corpus.commands())[::2]:
        texts.append(sentence.text)
        readings.append((sentence.command or None, "", ()))
    for made in list(corpus.workflows())[:7000]:
        texts.append(" ".join(words for _, words, _ in made.pieces))
        readings.append(
            ("create_workflow", made.trigger.partition(".")[0], tuple(sorted({action.partition(".")[0] for action in made.actions})))
        )
    return texts, readings


def _reading(command: str | None, trigger: str, actions: Sequence[str]) -> Reading:
    return {"command": command, "trigger": trigger, "actions": sorted(actions)}


def _counted(texts: Sequence[str]) -> tuple[Any, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    views = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), min_df=3, sublinear_tf=True),
    )
    return views, views.fit_transform(texts)


class Likeness(Peer):
    name = "nearest by tf-idf"
    note = "the one sentence likest by words and letters answers for all"

    def __init__(self) -> None:
        self._views: Any = None
        self._rows: Any = None

    def predict(self, texts: Sequence[str]) -> list[Reading]:
        known_texts, readings = known()
        if self._views is None:
            self._views, self._rows = _counted(known_texts)
        out: list[Reading] = []
        for start in range(0, len(texts), 64):
            alike = (self._views.transform(texts[start : start + 64]) @ self._rows.T).toarray()
            out += [_reading(*readings[int(best)]) for best in alike.argmax(axis=1)]
        return out


class Head(Peer):
    name = "tf-idf and a logistic head"
    note = "one regression for the command, one for the trigger's service, one a service of the actions"

    def __init__(self) -> None:
        self._views: Any = None
        self._models: tuple[Any, Any, Any, tuple[str, ...]] | None = None

    def _learn(self) -> tuple[Any, Any, Any, tuple[str, ...]]:
        from sklearn.linear_model import LogisticRegression, SGDClassifier
        from sklearn.multiclass import OneVsRestClassifier
        from sklearn.preprocessing import MultiLabelBinarizer

        texts, readings = known()
        self._views, rows = _counted(texts)
        command = LogisticRegression(C=10, max_iter=60, tol=1e-2).fit(rows, [command or "" for command, _, _ in readings])
        made = [at for at, (command, _, _) in enumerate(readings) if command == "create_workflow"]
        trigger = LogisticRegression(C=10, max_iter=60, tol=1e-2).fit(rows[made], [readings[at][1] for at in made])
        sets = MultiLabelBinarizer()
        wanted = sets.fit_transform([readings[at][2] for at in made])
        actions = OneVsRestClassifier(SGDClassifier(loss="log_loss", alpha=1e-5, random_state=1)).fit(rows[made], wanted)
        return command, trigger, actions, tuple(sets.classes_)

    def predict(self, texts: Sequence[str]) -> list[Reading]:
        if self._models is None:
            self._models = self._learn()
        command, trigger, actions, names = self._models
        rows = self._views.transform(texts)
        out: list[Reading] = []
        for asked, started, done in zip(command.predict(rows), trigger.predict(rows), actions.predict(rows), strict=True):
            if asked == "create_workflow":
                out.append(_reading("create_workflow", str(started), [name for name, held in zip(names, done, strict=True) if held]))
            else:
                out.append(_reading(str(asked) or None, "", ()))
        return out


class SmallModel(Peer):
    """A language model behind OPENAI_BASE_URL; what it answers that is no such object counts as not for us."""

    name = "language model"

    def __init__(self) -> None:
        self._model = os.environ["SIGNALBOX_PARSE_MODEL"]
        self.note = f"{self._model}, one request a sentence"

    @property
    def ready(self) -> bool:
        return True

    def predict(self, texts: Sequence[str]) -> list[Reading]:
        from openai import OpenAI

        client = OpenAI(api_key=os.environ.get("OPENAI_API_KEY", "none"), timeout=_ANSWER)
        return [self._asked(client, text) for text in texts]

    def _asked(self, client: Any, text: str) -> Reading:
        answer = client.chat.completions.create(
            model=self._model,
            temperature=0,
            max_tokens=200,
            messages=[{"role": "system", "content": _task()}, {"role": "user", "content": text}],
        )
        said = answer.choices[0].message.content or ""
        try:
            found = json.loads(said[said.index("{") : said.rindex("}") + 1])
            return _reading(found.get("command") or None, str(found.get("trigger") or ""), [str(one) for one in found.get("actions") or ()])
        except (ValueError, AttributeError, TypeError):
            return _reading(None, "", ())


def _task() -> str:
    commands = sorted({sentence.command for sentence in corpus.commands()} - {corpus.NONE} | {"create_workflow"})
    return (
        "You read requests to a chat bot that automates work. Answer with one JSON object and nothing else: "
        '{"command": one of the commands or null if it is not for the bot, "trigger": service id, "scheduled", "manual", "ai_predicted" or "cross_service", '
        '"actions": [service ids]}. trigger and actions only for create_workflow. '
        f"Commands: {', '.join(commands)}. Services: {', '.join(service.id for service in KNOWN)}."
    )
