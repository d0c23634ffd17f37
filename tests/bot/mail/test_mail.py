"""Cards as mail: everything is said, nothing is smuggled, and only what matters is mailed again."""

from __future__ import annotations

from hypothesis import given, settings

from bot.cards.card import Bold, Button, Card, Fields, Table, Text
from bot.faces.mail.face import MailFace
from bot.faces.mail.write import subject, text
from engine.parties import Address
from tests.bot.cards.any_card import cards

CARD = Card(
    id="alr_1", version=1, title="GitHub · firing", summary="[critical] GitHub firing: no answer",
    body=(Text(("It does ", Bold("not"), " answer")), Fields((("Severity", ("critical",)),)), Table(("Service", "State"), (("GitHub", "offline"),))),
    actions=(Button("acknowledge", "Acknowledge"),),
)  # fmt: skip


@settings(max_examples=40)
@given(cards)
def test_any_card_is_a_mail_with_a_subject_of_one_line(card: Card) -> None:
    assert "\n" not in subject(card)
    assert "\r" not in subject(card)
    assert subject(card)
    assert isinstance(text(card), str)


def test_a_mail_says_what_the_card_says() -> None:
    assert text(CARD).splitlines()[:6] == [
        "GitHub · firing",
        "",
        "It does not answer",
        "Severity: critical",
        "Service | State",
        "GitHub | offline",
    ]


async def test_only_what_changes_the_title_is_mailed_again() -> None:
    sent: list[tuple[str, str]] = []

    async def send(to: str, subject: str, text: str, key: str) -> None:
        sent.append((to, key))

    face = MailFace(send)
    ref = await face.post(Address("email", "ops@example.org"), CARD, "alr_1")
    await face.edit(ref, Card(id="alr_1", version=2, title="GitHub · firing"))
    await face.edit(ref, Card(id="alr_1", version=3, title="GitHub · resolved"))
    assert sent == [("ops@example.org", "mail:alr_1:ops@example.org"), ("ops@example.org", "mail:alr_1:ops@example.org:3")]


async def test_everybody_who_was_mailed_is_mailed_what_changed() -> None:
    sent: list[tuple[str, str]] = []

    async def send(to: str, subject: str, text: str, key: str) -> None:
        sent.append((to, subject))

    face = MailFace(send)
    refs = [await face.post(Address("email", to), CARD, "alr_1") for to in ("ops@example.org", "boss@example.org")]
    for ref in refs:
        await face.edit(ref, Card(id="alr_1", version=3, title="GitHub · resolved"))
    assert sent[2:] == [("ops@example.org", "GitHub · resolved"), ("boss@example.org", "GitHub · resolved")]


async def test_a_restart_calls_nobody_by_mail_a_second_time_and_hides_no_change() -> None:
    sent: list[tuple[str, str]] = []

    async def send(to: str, subject: str, text: str, key: str) -> None:
        sent.append((subject, key))

    needed, was = Card(id="alr_1", title="GitHub: somebody is needed"), Card(id="alr_1", title="GitHub: somebody was called")
    ref = await MailFace(send).post(Address("email", "ops@example.org"), needed, "alr_1.call.3")
    again = MailFace(send)
    await again.edit(ref, needed)
    assert len(sent) == 1
    await again.edit(ref, was)
    await again.edit(ref, needed)
    assert [subject for subject, _ in sent] == [needed.title, was.title, needed.title]
    assert len({key for _, key in sent}) == 3
    firing = Card(id="alr_1", version=7, title=CARD.title)
    ref = await MailFace(send).post(Address("email", "ops@example.org"), CARD, "alr_1")
    await MailFace(send).edit(ref, firing)
    assert len(sent) == 5, "it may have been resolved meanwhile"
