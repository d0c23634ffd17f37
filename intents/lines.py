"""One parsed sentence as the command line prints it: exactly the JSON of the parse contract."""

from __future__ import annotations

from typing import Any

from engine.ports import Understood


def to_contract(understood: Understood, text: str) -> dict[str, Any]:
    """``{"text", "command", "confidence", "arguments", "question", "source"}``, and nothing else."""
    return {
        "text": text,
        "command": understood.command,
        "confidence": round(understood.confidence, 3),
        "arguments": dict(understood.arguments),
        "question": understood.question,
        "source": understood.source,
    }
