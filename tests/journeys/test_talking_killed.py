"""A kill in the middle of two talks: what was asked back and what was shown last are known to the next process."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.journeys.serving import serving


def test_a_question_and_a_preview_outlive_a_kill(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as first:
        assert (
            first.say("every weekday at 9:00 post the health report in #ops", channel="#ops").json["command"]["command"]
            == "create_workflow"
        )
        asked = first.say("when a new issue is opened, tell #dev", channel="#dev").json
        assert asked["command"]["question"]
        assert "GitLab" in [action["label"] for action in asked["cards"][0]["actions"]]
        first.stop(signal.SIGKILL)
    (data / "address").unlink()
    with serving(data) as second:
        answered = second.say("gitlab", channel="#dev").json
        assert answered["command"]["arguments"]["workflow"]["trigger"] == {
            "type": "event_based",
            "service": "gitlab",
            "event": "issue_opened",
        }
        followed = second.say("also tell #sales", channel="#ops")
        assert "What changes:" in followed.text
        assert "#sales" in followed.text
        assert followed.json["command"]["command"] == "revise_draft"
        steps = [step["action"] for step in followed.json["command"]["arguments"]["definition"]["steps"]]
        assert steps[0] == "signalbox.health_report"
