"""Funding, open interest, ratio and the list of markets are asked for with options."""

import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.env import Env

from bot.reply import Reply
from tests.support.discord_desk import SmallDesk


@pytest.fixture
def channel(discord: Env) -> ChannelHandle:
    return discord.create_guild().create_text_channel("charts")


@pytest.fixture
def ann(discord: Env, channel: ChannelHandle) -> MemberActor:
    assert channel.guild is not None
    return channel.guild.add_member(discord.create_user("ann"))


@pytest.mark.parametrize("panel", ["funding", "oi", "ratio"])
async def test_a_panel_is_asked_for_with_and_without_a_coin(
    panel: str, desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    await ann.slash(channel, panel)
    await ann.slash(channel, panel, symbol="btc inverse", venues="okx bybit", theme="light")

    assert [words for words, _ in desk.asked] == [panel, f"{panel} btc inverse okx bybit light"]
    choices = await ann.autocomplete(channel, panel, "symbol", "b")
    assert [choice["value"] for choice in choices] == ["BTC", "BNB", "BCH"]


async def test_a_page_of_the_markets_is_asked_for(
    desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    desk.next_reply = Reply("2 markets by turnover", ("2 of 2 venues",), table=("coin  price",))
    result = await ann.slash(channel, "markets", venues="binance coinm", page=2)

    assert [words for words, _ in desk.asked] == ["markets binance coinm 2"]
    assert result.response is not None
    (embed,) = result.response.embeds
    assert embed.description == "```\ncoin  price\n```\n2 of 2 venues"
