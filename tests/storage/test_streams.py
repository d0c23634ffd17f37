"""What is kept beside the runs: samples, schedules, audit, members, inbox, dialogues, web messages, over both stores."""

from __future__ import annotations

from engine.events import (
    Audited,
    DialogueSaved,
    Handled,
    MemberSaved,
    NextFireSet,
    Received,
    SamplesTaken,
    ServiceStateSaved,
    WebMessageSaved,
)
from engine.monitoring.sample import Outcome, Source
from engine.parties import Role
from engine.ports import AuditRow, Store
from tests.storage.values import NOON, after, sample, service_state


async def test_samples_come_oldest_first_the_newest_of_them(store: Store) -> None:
    full = sample(3, outcome=Outcome.ERROR, source=Source.CALL, detail="502", operation="create_card", sandbox=True, account="eu")
    await store.ledger.record(SamplesTaken((sample(2), sample(1))), SamplesTaken((full, sample(4, service="github"))))
    assert await store.samples.recent("trello", since=NOON) == [sample(1), sample(2), full]
    assert await store.samples.recent("trello", since=NOON, limit=2) == [sample(2), full]
    assert await store.samples.recent("trello", since=after(3)) == [full]
    assert await store.samples.recent("nobody", since=NOON) == []
    assert await store.samples.recent("trello", since=NOON, limit=0) == []


async def test_samples_of_one_moment_keep_their_order(store: Store) -> None:
    taken = tuple(sample(1, latency=float(n)) for n in range(20))
    await store.ledger.record(SamplesTaken(taken), SamplesTaken(()))
    assert await store.samples.recent("trello", since=NOON) == list(taken)


async def test_old_samples_are_pruned_and_counted(store: Store) -> None:
    await store.ledger.record(SamplesTaken(tuple(sample(n) for n in range(12_000))))
    assert await store.samples.prune(after(11_990)) == 11_990
    assert await store.samples.prune(after(11_990)) == 0
    assert [s.at for s in await store.samples.recent("trello", since=NOON)] == [after(n) for n in range(11_990, 12_000)]


async def test_the_last_state_of_an_account_wins(store: Store) -> None:
    full = service_state(
        "trello", ever_ok=True, failures=2, last_ok_at=after(1), last_latency=0.5, status="degraded", since=NOON, sandbox=True
    )
    await store.ledger.record(ServiceStateSaved(service_state("zoom")), ServiceStateSaved(service_state("trello", failures=1)))
    await store.ledger.record(ServiceStateSaved(service_state("trello", failures=9)), ServiceStateSaved(full))
    assert await store.samples.states() == [full, service_state("zoom")]


async def test_a_schedule_is_due_when_last_said_and_may_end(store: Store) -> None:
    await store.ledger.record(NextFireSet("b", after(1)), NextFireSet("a", after(2)), NextFireSet("b", after(3)), NextFireSet("none", None))
    assert await store.schedules.all() == {"a": after(2), "b": after(3)}
    await store.ledger.record(NextFireSet("a", None))
    assert await store.schedules.all() == {"b": after(3)}


async def test_audit_rows_come_newest_first_and_by_subject(store: Store) -> None:
    full = Audited(after(1), "slack:U1", "Zoë", "acknowledge", "alr_1", where="slack:C1", seen=3, outcome="refused", detail="stale")
    await store.ledger.record(Audited(NOON, "slack:U1", "Zoë", "confirm", "prv_1"), full)
    await store.ledger.record(Audited(NOON, "slack:U2", "Ada", "resolve", "alr_1"))
    assert [row.verb for row in await store.audit.list()] == ["resolve", "acknowledge", "confirm"]
    assert [row.verb for row in await store.audit.list(subject="alr_1", limit=1)] == ["resolve"]
    assert (await store.audit.list(subject="alr_1"))[1] == AuditRow(
        2, after(1), "slack:U1", "Zoë", "acknowledge", "alr_1", "slack:C1", 3, "refused", "stale"
    )
    assert await store.audit.verify() == ""


async def test_a_member_has_the_role_last_given(store: Store) -> None:
    assert await store.members.role("slack:U1") is None
    assert await store.members.admins() == {}
    await store.ledger.record(MemberSaved("slack:U2", "Ada", Role.ADMIN), MemberSaved("slack:U1", "Zoë", Role.ADMIN))
    await store.ledger.record(MemberSaved("slack:U2", "Ada L.", Role.VIEWER))
    assert await store.members.role("slack:U2") is Role.VIEWER
    assert await store.members.admins() == {"slack:U1": "Zoë"}


async def test_what_came_in_is_unhandled_until_handled(store: Store) -> None:
    await store.ledger.record(Received("z", NOON, {"n": 1}), Received("a", NOON, {"n": 2}), Handled("nobody"))
    assert await store.inbox.unhandled() == [("z", {"n": 1}), ("a", {"n": 2})]
    await store.ledger.record(Handled("z"), Received("b", NOON, {}), Handled("b"))
    assert await store.inbox.unhandled() == [("a", {"n": 2})]


async def test_only_what_was_handled_is_pruned(store: Store) -> None:
    await store.ledger.record(
        Received("old", NOON, {}), Received("kept", NOON, {}), Received("new", after(60), {}), Handled("old"), Handled("new")
    )
    assert await store.inbox.prune(after(60)) == 1
    assert [key for key, _ in await store.inbox.unhandled()] == ["kept"]
    await store.ledger.record(Received("old", after(61), {}))


async def test_what_a_service_sent_can_be_read_again_after_it_was_handled_what_people_said_cannot(store: Store) -> None:
    for n, key in enumerate(["hook:c", "said:x", "hook:a", "hook:b"]):
        await store.ledger.record(Received(key, after(n % 3), {"n": n}))
    await store.ledger.record(Handled("hook:c"), Handled("said:x"), Handled("hook:a"))
    assert await store.inbox.between(NOON, after(9), prefix="hook:", limit=9) == [(NOON, {"n": 0}), (NOON, {"n": 3}), (after(2), {"n": 2})]
    assert await store.inbox.between(NOON, after(9), prefix="hook:", limit=2) == [(NOON, {"n": 3}), (after(2), {"n": 2})]
    assert await store.inbox.between(after(1), after(2), prefix="", limit=9) == [(after(1), {})]
    assert await store.inbox.between(NOON, after(2), prefix="hook:", limit=0) == []
    assert await store.inbox.between(NOON, after(9), prefix="HOOK", limit=9) == []
    assert await store.inbox.prune(after(1)) == 1


async def test_a_question_asked_back_expires_or_is_forgotten(store: Store) -> None:
    await store.ledger.record(DialogueSaved("a", {"asked": ["which", None]}, after(60)), DialogueSaved("b", {}, after(60)))
    assert await store.dialogues.get("a", after(59)) == {"asked": ["which", None]}
    assert await store.dialogues.get("b", after(59)) == {}
    assert await store.dialogues.get("a", after(60)) is None
    await store.ledger.record(DialogueSaved("a", {"asked": "again"}, after(120)), DialogueSaved("b", {}, None))
    assert await store.dialogues.get("a", after(60)) == {"asked": "again"}
    assert await store.dialogues.get("b", NOON) is None


def message(message_id: str, seconds: float = 0, **changes: object) -> WebMessageSaved:
    fields: dict[str, object] = {"channel": "#ops", "author": "Zoë", "author_id": "web:1", "text": message_id}
    return WebMessageSaved(id=message_id, at=after(seconds), **fields | changes)  # type: ignore[arg-type]


async def test_web_messages_come_oldest_first_and_private_ones_only_for_their_reader(store: Store) -> None:
    rows = [message("m2", 2), message("m1", 1, card={"parts": [1]}), message("m3", 3, only_for="web:1"), message("m4", 4, channel="#dev")]
    await store.ledger.record(*rows)
    assert await store.web_messages.list("#ops", reader="web:1") == [rows[1], rows[0], rows[2]]
    assert await store.web_messages.list("#ops", reader="") == [rows[1], rows[0]]
    assert await store.web_messages.list("#ops", reader="web:1", limit=1) == [rows[2]]
    assert await store.web_messages.channels() == ["#dev", "#ops"]
    assert await store.web_messages.get("m1") == rows[1]
    assert await store.web_messages.get("m9") is None


async def test_an_edited_web_message_keeps_its_place(store: Store) -> None:
    await store.ledger.record(message("m1", 1, card={"v": 1}), message("m2", 1))
    await store.ledger.record(message("m1", 9, text="edited", card={"v": 2}, author="Signalbox"))
    assert await store.web_messages.list("#ops", reader="") == [message("m1", 1, text="edited", card={"v": 2}), message("m2", 1)]


async def test_questions_that_expired_are_pruned_and_counted(store: Store) -> None:
    await store.ledger.record(*(DialogueSaved(f"k{n}", {"n": n}, after(n)) for n in range(10)))
    assert await store.dialogues.prune(after(5)) == 5
    assert await store.dialogues.prune(after(5)) == 0
    assert await store.dialogues.get("k5", after(4)) == {"n": 5}
    assert await store.dialogues.get("k4", after(0)) is None
