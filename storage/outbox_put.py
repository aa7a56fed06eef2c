"""What is put into the outbox: states of watches, messages, follow-ups; one transaction each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.messages import FOLLOW_UPS, Address, Alert, FollowUp, Judged, Message, Urgency
from bot.reply import Reply
from storage import watches_gone
from storage.ledgers import keep_entries
from storage.outbox_rows import GIVEN_UP, WAITING, chunks, keep_contents, tickets

TICKS = text("""
SELECT watch, tick_ms
FROM watch_state
WHERE watch IN :watches
""").bindparams(bindparam("watches", expanding=True))

STATE = """
INSERT INTO watch_state (watch, tick_ms, body)
VALUES (:watch, :tick, :state)
ON CONFLICT (watch) DO UPDATE SET tick_ms = excluded.tick_ms, body = excluded.body
"""


async def put(connection: AsyncConnection, judged: Sequence[Judged], now: int) -> frozenset[str]:
    """Keep what is new; see OutboxStore."""
    messages = sum(len(alert.messages) for each in judged for alert in each.alerts)
    # First of all, so that of two processes with the same tick the second sees what the first did.
    ticket = await tickets(connection, max(1, messages))
    new = await _new(connection, judged)
    if not new:
        return frozenset()
    rows = [{"watch": each.watch, "tick": each.tick, "state": each.state} for each in new]
    await connection.execute(text(STATE), rows)
    alerts = [alert for each in new for alert in each.alerts]
    await _keep(connection, alerts, ticket, now)
    await _schedule(connection, alerts)
    await keep_entries(connection, (entry for each in new for entry in each.entries))
    return frozenset(each.watch for each in new)


async def _new(connection: AsyncConnection, judged: Sequence[Judged]) -> list[Judged]:
    known: dict[str, int] = {}
    for watches in chunks(each.watch for each in judged):
        rows = await connection.execute(TICKS, {"watches": watches})
        known |= {row.watch: row.tick_ms for row in rows}
    new = []
    for each in judged:
        if each.tick > known.get(each.watch, -1):
            known[each.watch] = each.tick
            new.append(each)
    return await _of_somebody(connection, new)


WATCHES = text("SELECT number FROM watch WHERE number IN :numbers").bindparams(
    bindparam("numbers", expanding=True)
)
CHATS = text("SELECT DISTINCT chat FROM watch WHERE chat IN :chats").bindparams(
    bindparam("chats", expanding=True)
)


async def _of_somebody(connection: AsyncConnection, judged: Sequence[Judged]) -> list[Judged]:
    """Leave out what a tick that was under way says of watches that have been removed meanwhile.

    Whoever removes them holds off this writing, so that nothing comes after it.
    """
    numbers = {each.watch: watches_gone.number(each.watch) for each in judged}
    chats = {each.watch: watches_gone.sharing(each.watch) for each in judged}
    known: set[int] = {-1}  # of what is named otherwise nothing is asked
    for some in chunks(set(numbers.values()) - known):
        known.update((await connection.execute(WATCHES, {"numbers": some})).scalars())
    watching = {""}
    for chosen in chunks(set(chats.values()) - watching):
        watching.update((await connection.execute(CHATS, {"chats": chosen})).scalars())
    return [
        each for each in judged if numbers[each.watch] in known and chats[each.watch] in watching
    ]


# A row that waits keeps its place in the line and shows only what is newest; one that is shown
# goes to the end of the line, unless it already shows just this.
SAY = """
INSERT INTO delivery (
    episode, after_ms, chat, topic, platform, urgency, ticket, state_ms, content, progress,
    attempts, doubts, put_ms
)
VALUES (
    :episode, :after, :chat, :topic, :platform, :urgency, :ticket, :time, :content, :progress,
    0, 0, :now
)
ON CONFLICT (episode, after_ms, chat, topic) DO UPDATE SET
    state_ms = excluded.state_ms,
    content = excluded.content,
    urgency = excluded.urgency,
    put_ms = excluded.put_ms,
    ticket = CASE WHEN delivery.progress = 2 THEN excluded.ticket ELSE delivery.ticket END,
    progress = CASE
        WHEN delivery.progress = 2 AND delivery.shown <> excluded.content THEN 0
        ELSE delivery.progress
    END
WHERE excluded.state_ms > delivery.state_ms
"""


async def _keep(
    connection: AsyncConnection, alerts: Iterable[Alert], ticket: int, now: int
) -> None:
    said = [(alert, message) for alert in alerts for message in alert.messages]
    if not said:
        return
    names = await keep_contents(connection, {message.reply for _, message in said}, now)
    lanes = await _lanes(connection, {message.address.chat for _, message in said})
    rows = []
    for number, (alert, message) in enumerate(said):
        row = _row(alert.episode, 0, message, lanes, alert.urgency)
        rows.append(
            row
            | {"time": alert.time, "content": names[message.reply]}
            | {"ticket": ticket + number, "now": now}
        )
    await connection.execute(text(SAY), rows)


@dataclass(frozen=True, slots=True)
class _Lane:
    gone: bool
    moved_to: str | None


LANES = text("""
SELECT chat, gone, moved_to
FROM lane
WHERE chat IN :chats AND (gone OR moved_to IS NOT NULL)
""").bindparams(bindparam("chats", expanding=True))


async def _lanes(connection: AsyncConnection, chats: Iterable[str]) -> Mapping[str, _Lane]:
    """Return the chats that are gone or have become others, also where those have gone."""
    lanes: dict[str, _Lane] = {}
    unknown = set(chats)
    while unknown:
        found: dict[str, _Lane] = {}
        for some in chunks(unknown):
            rows = await connection.execute(LANES, {"chats": some})
            found |= {row.chat: _Lane(bool(row.gone), row.moved_to) for row in rows}
        lanes |= found
        unknown = {lane.moved_to for lane in found.values() if lane.moved_to} - lanes.keys()
    return lanes


def _row(
    episode: str, after: int, message: Message, lanes: Mapping[str, _Lane], urgency: Urgency
) -> dict[str, Any]:
    chat, seen = message.address.chat, set[str]()
    while (lane := lanes.get(chat)) is not None and lane.moved_to and chat not in seen:
        seen.add(chat)
        chat = lane.moved_to
    gone = lane is not None and lane.gone
    return {
        "episode": episode,
        "after": after,
        "chat": chat,
        "topic": message.address.topic,
        "platform": message.address.platform,
        "urgency": urgency,
        "progress": GIVEN_UP if gone else WAITING,
    }


SCHEDULE = """
INSERT INTO follow_up (episode, after_ms, due_ms, done)
VALUES (:episode, :after, :due, FALSE)
ON CONFLICT (episode, after_ms) DO NOTHING
"""


async def _schedule(connection: AsyncConnection, alerts: Iterable[Alert]) -> None:
    rows = [
        {"episode": alert.episode, "after": after, "due": alert.began + after}
        for alert in alerts
        if alert.began is not None
        for after in FOLLOW_UPS
    ]
    if rows:
        await connection.execute(text(SCHEDULE), rows)


TAKE_UP = """
UPDATE follow_up
SET done = TRUE
WHERE episode = :episode AND after_ms <= :after AND NOT done
"""

# Where nothing of the episode was ever shown there is nothing to follow up.
TOLD = """
SELECT chat, topic
FROM delivery
WHERE episode = :episode AND after_ms = 0 AND content <> '' AND (progress < 3 OR remote IS NOT NULL)
ORDER BY ticket
"""


async def follow(connection: AsyncConnection, due: FollowUp, reply: Reply | None, now: int) -> None:
    """Keep a follow-up once; see OutboxStore."""
    asked = {"episode": due.episode, "after": due.after}
    held = await tickets(connection, 1)  # whoever else follows this up waits, then finds it done
    taken = await connection.execute(text(TAKE_UP), asked)
    if not taken.rowcount or reply is None:
        return
    rows = (await connection.execute(text(TOLD), {"episode": due.episode})).all()
    if not rows:
        return
    names = await keep_contents(connection, {reply}, now)
    lanes = await _lanes(connection, {row.chat for row in rows})
    first = await tickets(connection, len(rows)) if len(rows) > 1 else held
    said = []
    for number, told in enumerate(rows):
        message = Message(Address(told.chat, told.topic), reply)
        row = _row(due.episode, due.after, message, lanes, Urgency.LATER)
        said.append(
            row | {"time": now, "content": names[reply], "ticket": first + number, "now": now}
        )
    await connection.execute(text(SAY), said)
