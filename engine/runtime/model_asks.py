"""Steps that ask a language model: the one action of the house that no connector makes."""

from __future__ import annotations

from engine.errors import Rejected
from engine.ports import Actions, Answer, Call, Model

SERVICE, OPERATION = "model", "ask"
NONE = (
    "No language model is set up, so the step could not be done. Set OPENAI_API_KEY or OPENAI_BASE_URL, or say optional: true in the step."
)


class WithModel:
    """Fulfils ``ports.Actions``: ``model.ask`` goes to the model, everything else to ``others``. ``model`` None: none is set up."""

    def __init__(self, others: Actions, model: Model | None) -> None:
        self._others = others
        self._model = model

    async def perform(self, call: Call) -> Answer:
        if (call.service, call.operation) != (SERVICE, OPERATION):
            return await self._others.perform(call)
        if self._model is None:
            if call.arguments.get("optional"):
                return Answer(None)
            raise Rejected(NONE)
        schema = call.arguments.get("schema")
        return Answer(
            await self._model.ask(str(call.arguments.get("prompt") or ""), schema if isinstance(schema, dict) else {}, key=call.key)
        )

    async def look(self, call: Call) -> Answer | None:
        if call.service == SERVICE:
            raise Rejected("A language model cannot be asked what it answered before.")
        return await self._others.look(call)

    def looks(self, service: str, operation: str) -> bool:
        return service != SERVICE and self._others.looks(service, operation)
