"""What the composition root hands in, perhaps after the shelf was opened; each part is asked for when it is needed."""

from __future__ import annotations

from collections.abc import Mapping

from connectors._kit.content import no_files
from connectors._kit.custom import Provider
from connectors._kit.tokens import Passing
from engine.errors import Rejected
from engine.ports import Files, Leases, Speaker, Tokens, Vault


class Joined:
    """What main hands in, perhaps after the shelf was opened."""

    def __init__(self, speaker: Speaker | None, providers: Mapping[str, Provider]) -> None:
        self.speaker = speaker
        self.providers = providers
        self.files: Files | None = None
        self.vault: Vault | None = None
        self.leases: Leases | None = None
        self.tokens: Tokens | None = None
        self.passing = Passing()  # tokens of a process without a vault

    def the_files(self) -> Files:
        return self.files or no_files()

    def the_vault(self) -> Vault | None:
        return self.vault

    def the_speaker(self) -> Speaker:
        if self.speaker is None:
            raise Rejected("Nothing can be posted: no chat is connected to this process.")
        return self.speaker

    def the_providers(self) -> Mapping[str, Provider]:
        return self.providers
