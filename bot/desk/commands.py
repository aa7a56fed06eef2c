"""The commands there are: menus, help and the reading of words all follow this one list."""

from dataclasses import dataclass

from bot.core.language import mark


@dataclass(frozen=True, slots=True)
class Command:
    """One command, the same on every chat."""

    name: str  # without the slash
    summary: str  # for a menu, at most 100 characters; said in the reader's language
    usage: str
    examples: tuple[str, ...]
    about: str  # a few sentences for `/help NAME`, likewise


COMMANDS = (
    Command(
        "heatmap",
        mark("Where leveraged positions would be liquidated, as a picture"),
        "/heatmap SYMBOL [window] [venues] [dark|light]",
        ("/heatmap BTC", "/heatmap ETH 7d", "/heatmap SOL 24h bybit okx", "/heatmap BTC 30d light"),
        mark(
            "Time runs to the right, price upward; the brighter a spot, the more USD would be "
            "liquidated if the mark price went there: longs below the price, shorts above. The "
            "profile at the side sums it by price. All of it is an estimate; the picture says how "
            "good it has been so far."
        ),
    ),
    Command(
        "map",
        mark("The liquidation profile by price and leverage, with cumulative delta"),
        "/map SYMBOL [window] [venues] [dark|light]",
        ("/map BTC", "/map ETH binance"),
        mark(
            "The map as it stands now: USD by price, split into leverage groups, summed outward "
            "from the price, and the cumulative delta between shorts above and longs below."
        ),
    ),
    Command(
        "liqs",
        mark("What was liquidated in the last hour and day, by side, venue and size"),
        "/liqs [SYMBOL] [venues] [live] [dark|light]",
        ("/liqs", "/liqs BTC", "/liqs ETH bybit okx", "/liqs SOL live"),
        mark(
            "Realised liquidations as the venues' feeds tell them: sums by side, venue and size, "
            "the largest ones, and a timeline of 24 hours. It says how complete each feed is and "
            "when it was not heard: what nobody heard is not counted. Without a coin it ranks all "
            "markets that are listened to. With “live” the message is kept current for ten "
            "minutes."
        ),
    ),
    Command(
        "book",
        mark("Order-book depth, walls near clusters, and large trades, by venue and together"),
        "/book SYMBOL [venues] [dark|light]",
        ("/book BTC", "/book ETH binance okx"),
        mark(
            "What stands in the order books within 1, 2 and 5 % of the price, which prices hold "
            "far more than those around them, which of those walls stand near estimated "
            "liquidation clusters, and what takers just bought and sold at once. Venues tell only "
            "part of their books; where that is so, it says how far. Orders can be withdrawn at "
            "any moment."
        ),
    ),
    Command(
        "funding",
        mark("Funding by venue and together: now, its history, and whether that is much"),
        "/funding [SYMBOL] [venues] [dark|light]",
        ("/funding", "/funding BTC", "/funding ETH bybit okx", "/funding okx"),
        mark(
            "What longs pay shorts, brought to eight hours whether a venue pays every hour or "
            "every eight, and what that comes to in a year; all venues together weighted by open "
            "interest. Each has its last 30 days as a strip and the share of them it is above. "
            "Without a coin: the highest and the lowest of all markets."
        ),
    ),
    Command(
        "oi",
        mark("Open interest by venue and together, in coins and in dollars"),
        "/oi [SYMBOL] [venues] [dark|light]",
        ("/oi", "/oi BTC", "/oi BTC inverse", "/oi SOL binance"),
        mark(
            "How much is open, by venue and summed, and how it changed over 1, 4 and 24 hours and "
            "7 days: in coins, so that a move of the price is not taken for interest, and in "
            "dollars. Without a coin: the largest of all markets."
        ),
    ),
    Command(
        "ratio",
        mark("Accounts long over accounts short, by venue and together"),
        "/ratio [SYMBOL] [venues] [dark|light]",
        ("/ratio BTC", "/ratio ETH binance", "/ratio"),
        mark(
            "How many accounts are long for each that is short, where a venue tells it; together "
            "weighted by open interest. Accounts are counted, not dollars. Without a coin: those "
            "asked for of late, since venues tell the ratio only market by market."
        ),
    ),
    Command(
        "squeeze",
        mark("Whether longs or shorts are crowded: funding, open interest and clusters at once"),
        "/squeeze [SYMBOL] [venues] [dark|light]",
        ("/squeeze", "/squeeze BTC", "/squeeze SOL okx"),
        mark(
            "Maximum squeeze, fuel gauge, exhaustion or none: three readings, each ranked in the "
            "market's own past, with what each takes, since when, what would end it, and what "
            "followed past ones beside random times. For all venues together and each alone. "
            "Without a coin: all coins that are held, those nearest a squeeze first."
        ),
    ),
    Command(
        "explain",
        mark("The setup of a coin in a few sentences, with what happened before"),
        "/explain SYMBOL [venues]",
        ("/explain BTC", "/explain ETH binance"),
        mark(
            "What is seen, why it matters, where it is wrong, what followed past ones beside "
            "random times, the risk, and how good the map has been. Every figure is a reading. A "
            "map that is unproven raises no setup: then funding and open interest speak alone."
        ),
    ),
    Command(
        "setups",
        mark("Magnets, sweeps and cascades under way, with target, stop and evidence"),
        "/setups [SYMBOL] [venues] [dark|light]",
        ("/setups", "/setups BTC", "/setups ETH okx"),
        mark(
            "A magnet is a dense cluster that draws the price; a sweep has gone through one and "
            "may turn; a cascade is liquidations that set off more. Each with its zone, where it "
            "is wrong, since when, what would end it, and what followed others beside random "
            "times. A map that is unproven raises none. Without a coin: all coins that are held, "
            "the most urgent first."
        ),
    ),
    Command(
        "backtest",
        mark("What a strategy would have brought on a coin, beside random entries"),
        "/backtest STRATEGY SYMBOL [days] [venues] [dark|light]",
        ("/backtest sweep BTC", "/backtest magnet ETH 90d", "/backtest cascade SOL 7d binance"),
        mark(
            "Strategies are sweep, magnet and cascade, as /setups tells them. Every trade with "
            "its costs, the mean with its range, random entries as volatile with the same stops "
            "and targets, the deepest fall, and a picture of all trades. Fewer than ten trades "
            "are too few to say. Past results."
        ),
    ),
    Command(
        "whatif",
        mark("What a move would liquidate, and how far that would push the price on"),
        "/whatif SYMBOL MOVE [venues] [dark|light]",
        ("/whatif BTC -4%", "/whatif ETH 3% up", "/whatif BTC to 60000", "/whatif SOL -5% okx"),
        mark(
            "Sums the estimated liquidations on the way, sends those orders through the order "
            "books as they stand, and follows the chain: each link's dollars with their range, "
            "where it ends, the next cluster, and whose books were had. Depth in a real move is "
            "thinner. Without a book the move alone is told."
        ),
    ),
    Command(
        "position",
        mark("Where your own position is liquidated, and where its stop belongs; only you see it"),
        "/position SYMBOL long|short [ENTRY] LEVERAGEx [size] [cross [wallet]] [venues]",
        (
            "/position BTC long 60000 20x",
            "/position ETH short 3k 10x 2.5",
            "/position BTC long 60000 20x $30k cross 5000 binance",
        ),
        mark(
            "Your liquidation price by each venue's own rule and brackets, how far it is, the "
            "clusters on the way, and a stop beyond the cluster instead of at it. Without an "
            "entry it is opened now; a size in coins or dollars finds its bracket; after cross "
            "comes your wallet. Nothing of it is kept."
        ),
    ),
    Command(
        "watch",
        mark("Tell me by yourself: a condition in words, or a preset in one tap"),
        "/watch [SYMBOL] [condition] [for 10m] [until …] [cooldown 2h] [quiet 22:00-07:00]",
        (
            "/watch",
            "/watch BTC",
            "/watch BTC funding > 0.03% and oi rising 4h",
            "/watch ETH clusters above > 200M within 3% for 10m",
            "/watch BTC, ETH cascade",
            "/watch SOL price crosses below 140 or price moves 5% in 1h",
            "/watch BTC, ETH digest 08:00",
            "/watch BTC heatmap every 4h",
        ),
        mark(
            "Say what to watch: price, funding, oi, ratio, clusters, nearest cluster, delta, "
            "liquidations, squeeze, fuel gauge, exhaustion, magnet, sweep, cascade, joined by "
            "and, or, not and brackets. Before it is saved you see what it would have done on "
            "stored history. An episode is one message, changed as it goes on and followed up. "
            "With a coin alone, or nothing, there are presets in one tap. In a group only "
            "moderators change watches."
        ),
    ),
    Command(
        "watches",
        mark("What this chat watches: states, last told, what was held back"),
        "/watches [ID]",
        ("/watches", "/watches w12", "/watches mute w12 1h", "/watches remove w12"),
        mark(
            "Each watch with its state and when it last spoke, and what was held back and why. "
            "With a watch's id: its episodes and what came of them, and buttons to mute, preview, "
            "change or remove it. Private watches are only seen in their private chat."
        ),
    ),
    Command(
        "mute",
        mark("Silence all watches of this chat for a while"),
        "/mute 1h, /mute until 08:00, or /mute off",
        ("/mute 1h", "/mute 8h", "/mute until 08:00", "/mute off"),
        mark(
            "Nothing is sent by itself until then. What would have been told is counted, and told "
            "late if it still lasts. For one watch alone: /watches mute w12 1h."
        ),
    ),
    Command(
        "test",
        mark("Send a test alert to this chat"),
        "/test",
        ("/test",),
        mark("It goes the way every alert goes, so that you see that alerts arrive here."),
    ),
    Command(
        "journal",
        mark("Your own trades: logged in one tap, closed, tagged; only you see them"),
        "/journal [add SYMBOL long|short [ENTRY] [20x] [size] [stop …] [target …] [note …]]",
        (
            "/journal",
            "/journal add BTC long 60000 20x $30k stop 59000 target 63000 note the sweep",
            "/journal close t12 61000",
            "/journal edit t12 stop 59500",
            "/journal tag t12 chased",
            "/journal drop t12",
        ),
        mark(
            "What is open with how it stands, what was closed, what a trade brings, and a picture "
            "of their sum. A trade is logged by one tap under an alert or under /setups, or in "
            "words; an entry or a price that is left out is the price now. Without a stop, one "
            "beyond the nearest cluster is suggested. All of it is yours: nobody else sees it."
        ),
    ),
    Command(
        "coach",
        mark("What your trades tell: by signal, by mistake, this week; only you see it"),
        "/coach",
        ("/coach",),
        mark(
            "What a trade of yours brings with its range of 90 %, by signal and by mistake, the "
            "last seven days, the deepest fall, and one sentence on what to change. It follows "
            "from your figures alone: fewer than ten trades are too few to say. In R, what was at "
            "risk at the stop, or in percent where most trades had none."
        ),
    ),
    Command(
        "markets",
        mark("All coins ranked by turnover, with price, open interest and funding"),
        "/markets [venues] [page]",
        ("/markets", "/markets okx", "/markets binance coinm", "/markets 2"),
        mark(
            "Every coin that a perpetual is listed of, most traded first: price, change and "
            "turnover of 24 hours, open interest, funding for 8 hours, and on how many venues. "
            "Coins that venues count by the thousand are one coin."
        ),
    ),
    Command(
        "accuracy",
        mark("How good the map of a coin has been, beside what knows only prices"),
        "/accuracy SYMBOL [days] [venues] [dark|light]",
        ("/accuracy BTC", "/accuracy ETH 7d", "/accuracy SOL 90 bybit"),
        mark(
            "When an hour is over, what the map held on the price's way is compared with what was "
            "liquidated, beside a map made from prices alone and the bare size of the move. The "
            "grade in every caption comes from these figures."
        ),
    ),
    Command(
        "model",
        mark("What the estimate of a coin assumes, and what it has learnt"),
        "/model SYMBOL [venues]",
        ("/model BTC", "/model ETH binance"),
        mark(
            "The shares of open interest by leverage, how long positions stay, and how much of "
            "what is swept each venue's feed tells of: as assumed, and as learnt from the "
            "market's own liquidations, with how much evidence there is."
        ),
    ),
    Command(
        "settings",
        mark(
            "What a chat prefers: theme, window, venues, panels, time zone, quiet hours, language"
        ),
        "/settings [theme|window|venues|panels|zone|quiet|language|reset] [value]",
        (
            "/settings",
            "/settings theme light",
            "/settings venues binance,bybit",
            "/settings window 7d",
            "/settings panels oi",
            "/settings zone Europe/Berlin",
            "/settings quiet 22:00-07:00",
            "/settings language de",
            "/settings reset",
        ),
        mark(
            "What holds where you do not say: the theme of pictures, the window, the venues, the "
            "panels below a heatmap; the time zone of digests and quiet hours, the hours in which "
            "watches are silent, and the language. By buttons or in words. Your own settings hold "
            "in your private chat; those of a group or channel are changed by its moderators."
        ),
    ),
    Command(
        "export",
        mark("All that is kept of you as a file, or the figures of a heatmap"),
        "/export [SYMBOL [window] [venues] [csv|json]]",
        ("/export", "/export BTC 24h csv", "/export ETH 7d json", "/export chat"),
        mark(
            "Alone it brings your watches with their ledgers, settings, trades and drafts, for "
            "you alone; moderators get those of a group with /export chat. With a coin it brings "
            "what its heatmap was drawn from: bins, clusters, candles and strips, as JSON or CSV."
        ),
    ),
    Command(
        "forget",
        mark("Delete all that is kept of you, for good"),
        "/forget [chat]",
        ("/forget", "/forget chat"),
        mark(
            "Asks once more, then deletes your watches with their ledgers, drafts, votes, trades, "
            "settings and messages still to come, and says how many. What you made for a group "
            "stays with the group, without your name. Moderators delete what a group keeps with "
            "/forget chat."
        ),
    ),
    Command(
        "privacy",
        mark("What is kept of you, where and for how long, and what is not"),
        "/privacy",
        ("/privacy",),
        mark("A short, whole list."),
    ),
    Command(
        "status",
        mark("Which venues answer, how fresh the data are, what is running"),
        "/status",
        ("/status",),
        mark(
            "Shows the source of the data, each venue and its last trouble, and how old the "
            "markets held in memory are."
        ),
    ),
    Command(
        "help",
        mark("All commands, or one of them explained"),
        "/help [command]",
        ("/help", "/help heatmap"),
        mark("Without a word it lists the commands; with one it explains that command."),
    ),
    Command(
        "start",
        mark("What this is, and your first heatmap in one tap"),
        "/start",
        ("/start",),
        mark("Says hello and offers the first heatmap."),
    ),
)
