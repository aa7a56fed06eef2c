"""The commands there are: menus, help and the reading of words all follow this one list."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One command, the same on every chat."""

    name: str  # without the slash
    summary: str  # for a menu, at most 100 characters
    usage: str
    examples: tuple[str, ...]
    about: str  # a few sentences for `/help NAME`


COMMANDS = (
    Command(
        "heatmap",
        "Where leveraged positions would be liquidated, as a picture",
        "/heatmap SYMBOL [window] [venues] [dark|light]",
        ("/heatmap BTC", "/heatmap ETH 7d", "/heatmap SOL 24h bybit okx", "/heatmap BTC 30d light"),
        "Time runs to the right, price upward; the brighter a spot, the more USD would be "
        "liquidated if the mark price went there: longs below the price, shorts above. "
        "The profile at the side sums it by price. All of it is an estimate; the picture says how "
        "good it has been so far.",
    ),
    Command(
        "map",
        "The liquidation profile by price and leverage, with cumulative delta",
        "/map SYMBOL [window] [venues] [dark|light]",
        ("/map BTC", "/map ETH binance"),
        "The map as it stands now: USD by price, split into leverage groups, summed outward from "
        "the price, and the cumulative delta between shorts above and longs below.",
    ),
    Command(
        "accuracy",
        "How good the map of a coin has been, beside what knows only prices",
        "/accuracy SYMBOL [days] [venues] [dark|light]",
        ("/accuracy BTC", "/accuracy ETH 7d", "/accuracy SOL 90 bybit"),
        "When an hour is over, what the map held on the price's way is compared with what was "
        "liquidated, beside a map made from prices alone and the bare size of the move. The grade "
        "in every caption comes from these figures.",
    ),
    Command(
        "model",
        "What the estimate of a coin assumes, and what it has learnt",
        "/model SYMBOL [venues]",
        ("/model BTC", "/model ETH binance"),
        "The shares of open interest by leverage, how long positions stay, and how much of what is "
        "swept each venue's feed tells of: as assumed, and as learnt from the market's own "
        "liquidations, with how much evidence there is.",
    ),
    Command(
        "status",
        "Which venues answer, how fresh the data are, what is running",
        "/status",
        ("/status",),
        "Shows the source of the data, each venue and its last trouble, and how old the markets "
        "held in memory are.",
    ),
    Command(
        "help",
        "All commands, or one of them explained",
        "/help [command]",
        ("/help", "/help heatmap"),
        "Without a word it lists the commands; with one it explains that command.",
    ),
    Command(
        "start",
        "What this is, and your first heatmap in one tap",
        "/start",
        ("/start",),
        "Says hello and offers the first heatmap.",
    ),
)
