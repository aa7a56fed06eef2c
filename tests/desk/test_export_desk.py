"""All that is kept of somebody comes as a file for him alone; a map's figures as drawn."""

import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.core.journal.trade import Trade
from bot.core.market.liquidations import PositionSide
from bot.core.watches.gate import State
from bot.core.watches.ledger import Entry
from bot.core.watches.saved import saved
from bot.desk.export import LARGEST
from bot.desk.map_data import map_csv, map_json
from bot.messages import Address, Alert, Judged, Message
from bot.reply import Reply
from bot.watching import Draft, KeptWatch, Quota
from tests.support.markets import Market
from tests.support.own_desk import OwnWorld, own_world
from tests.support.panels import told
from tests.support.readings import reading
from tests.support.watching_desk import ANN, BOB, person

MEMBER, MODERATOR = person("carl", "group"), person("mo", "group", moderates=True)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OwnWorld]:
    async with own_world(Market(told("binance"), told("okx")), tmp_path) as made:
        yield made


def files(reply: Reply) -> dict[str, bytes]:
    """Unpack the file that a reply hands over."""
    assert reply.document is not None
    with zipfile.ZipFile(io.BytesIO(reply.document.body)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def table(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode())))


async def keeps(world: OwnWorld, chat: str, user: str, *, shared: bool = False) -> None:
    memory = world.memory
    watch = KeptWatch("", Address(chat), user, shared=shared, words="BTC squeeze", made=1)
    made = await memory.watches.add(watch, Quota())
    entry = Entry(f"{made.id}/BTC/1", made.id, "BTC", 10, told=10, price=97_000.0)
    alert = Alert(entry.message, 10, (Message(Address(chat), Reply(f"{user} hears")),))
    judged = Judged(made.id, 10, saved(State(), 10), (alert,), (entry,))
    await memory.outbox.put([judged], 10)
    await memory.watches.vote(f"{made.id}/BTC/1", user, useful=True)
    await memory.watches.keep_draft(Draft("", chat, user, f"ETH {user}", touched=5))
    trade = Trade("", user, "BTC", PositionSide.LONG, 60_000.0, 5, note=f'=HYPERLINK("{user}")')
    await memory.journal.add(trade)


async def test_all_that_is_kept_of_a_person_is_handed_over_and_nothing_of_others(
    world: OwnWorld,
) -> None:
    await keeps(world, ANN.chat, ANN.user)
    await keeps(world, BOB.chat, BOB.user)
    await world.say("/settings theme light")
    await world.say("/settings zone tokyo")
    reply = await world.say("/export")
    assert reply.private
    assert "1 watch with ledgers, 1 trade, 1 draft, 1 vote, 1 message" in reply.lines[0]
    found = files(reply)
    assert set(found) == {"emberline.json", "trades.csv"}
    written: dict[str, Any] = json.loads(found["emberline.json"])
    (watch,) = written["watches"]
    assert (watch["words"], watch["made_by_you"]) == ("BTC squeeze", True)
    assert [(each["price"], each["useful"]) for each in watch["ledger"]] == [(97_000.0, 1)]
    assert [each["text"] for each in written["messages"]] == [f"{ANN.user} hears"]
    assert [each["words"] for each in written["drafts"]] == [f"ETH {ANN.user}"]
    assert written["votes"] == [{"episode": "w1/BTC/1", "useful": True}]
    assert written["settings"][ANN.chat]["theme"] == "light"
    assert written["settings"][ANN.chat]["zone"] == "Asia/Tokyo"
    (trade,) = table(found["trades.csv"])
    assert trade["coin"] == "BTC"
    assert not trade["note"].startswith("="), "a spreadsheet would run it"
    assert not any(BOB.user.encode() in body for body in found.values())


async def test_who_keeps_nothing_is_handed_a_file_that_says_so(world: OwnWorld) -> None:
    written = json.loads(files(await world.say("/export"))["emberline.json"])
    assert written["watches"] == written["drafts"] == written["votes"] == []


async def test_moderators_alone_are_handed_what_a_group_keeps(world: OwnWorld) -> None:
    await keeps(world, MEMBER.chat, MEMBER.user, shared=True)
    refused = await world.say("/export chat", MEMBER)
    assert (refused.kind, refused.private, refused.document) == ("problem", True, None)
    reply = await world.say("/export chat", MODERATOR)
    assert reply.private
    found = files(reply)
    assert set(found) == {"emberline.json"}
    written = json.loads(found["emberline.json"])
    assert [each["words"] for each in written["watches"]] == ["BTC squeeze"]
    assert [each["text"] for each in written["messages"]] == [f"{MEMBER.user} hears"]
    assert written["drafts"] == written["votes"] == [], "what is a member's own is handed over"


async def test_a_file_that_no_chat_could_carry_is_not_sent(
    world: OwnWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LARGEST < 10_000_000
    monkeypatch.setattr("bot.desk.export.LARGEST", 50)
    refused = await world.say("/export")
    assert (refused.kind, refused.private, refused.document) == ("problem", True, None)


# The figures of a map


async def test_the_figures_of_a_heatmap_are_those_that_its_words_tell(world: OwnWorld) -> None:
    reply = await world.say("/export BTC 12h json")
    assert not reply.private
    assert reply.document is not None
    assert reply.document.name == "btc-12h.json"
    figures = json.loads(reply.document.body)
    assert (figures["coin"], figures["window"], figures["estimate"]) == ("BTC", "12h", True)
    assert figures["venues"] == ["binance", "okx"]
    assert len(figures["bins"]["long_usd"]) + 1 == len(figures["bins"]["edges"])
    shown = await world.say("/heatmap BTC 12h")
    assert shown.as_of == figures["as_of_ms"] == reply.as_of


async def test_a_chats_own_window_and_venues_hold_for_its_figures_too(world: OwnWorld) -> None:
    await world.say("/settings window 3d")
    await world.say("/settings venues okx")
    reply = await world.say("/export BTC csv")
    assert reply.document is not None
    assert reply.document.name == "btc-3d.zip"
    about = {row["what"]: row["value"] for row in table(files(reply)["about.csv"])}
    assert (about["window"], about["venues"]) == ("3d", "okx")


async def test_a_coin_that_is_none_is_refused_with_a_tap_for_the_right_one(
    world: OwnWorld,
) -> None:
    refused = await world.say("/export BTCC")
    assert refused.kind == "problem"
    assert refused.buttons[0][0].words == "export BTC"


def test_no_figure_is_lost_or_changed_on_its_way_into_a_file() -> None:
    made = reading()
    written: dict[str, Any] = json.loads(map_json(made, "btc-24h").body)
    tables = files(Reply("", document=map_csv(made, "btc-24h")))
    assert np.allclose(written["bins"]["edges"], made.now.edges, rtol=1e-9)
    assert np.allclose(written["bins"]["long_usd"], made.now.long_usd, atol=0.5)
    assert np.allclose(written["heatmap"]["short_usd"], made.heatmap.short_usd, atol=0.5)
    bins = table(tables["bins.csv"])
    assert np.allclose([float(row["short_usd"]) for row in bins], made.now.short_usd)
    clusters = table(tables["clusters.csv"])
    assert [row["side"] for row in clusters] == [each.side.name.lower() for each in made.clusters]
    assert np.allclose([float(row["usd"]) for row in clusters], [c.usd for c in made.clusters])
    assert len(written["candles"]) == len(made.candles.open_time)
    closes = [row["close"] for row in written["candles"]]
    assert np.allclose(closes, made.candles.close, rtol=1e-9)
    assert {row["what"] for row in written["strips"]} <= {"open_interest_usd", "funding_8h"}


def test_the_same_figures_give_the_same_bytes() -> None:
    assert map_csv(reading(), "a") == map_csv(reading(), "a")


def test_what_is_not_known_is_no_number() -> None:
    made = reading()
    assert made.funding is not None
    value = made.funding.value.copy()
    value[0] = np.nan
    gap = replace(made, funding=replace(made.funding, value=value))
    written = json.loads(map_json(gap, "a").body)
    first = next(row for row in written["strips"] if row["what"] == "funding_8h")
    assert first["value"] is None


def test_what_is_long_is_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = map_json(reading(), "a")
    monkeypatch.setattr("bot.desk.map_data._LONG", 1000)
    packed = map_json(reading(), "a")
    assert (plain.name, packed.name) == ("a.json", "a.zip")
    assert files(Reply("", document=packed)) == {"a.json": plain.body}
    assert len(packed.body) < len(plain.body) / 2
