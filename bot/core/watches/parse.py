"""Reading a watch: words in, the typed tree out, or a refusal that points at the wrong word."""

import re
from dataclasses import replace
from functools import lru_cache

from lark import Lark, Token, Tree, UnexpectedInput

from bot.core.arrays import DAY, MINUTE
from bot.core.errors import WatchRefused
from bot.core.language import say
from bot.core.watches import values
from bot.core.watches.build import Builder, tokens
from bot.core.watches.refusal import (
    FIGURES,
    at_token,
    meant_instead,
    near_keyword,
    unexpected,
)
from bot.core.watches.text import LONGEST, Typed, typed
from bot.core.watches.tree import (
    ALL,
    Clause,
    Condition,
    Digest,
    HeatmapEvery,
    Options,
    Watch,
    depth,
    leaves,
)

MOST_CLAUSES, DEEPEST = 12, 4
MOST_MARKETS, MOST_VENUES = 20, 20
_MOST_A_DAY = 100
_LONGEST_HOLD = DAY
_SOONEST_PICTURE, _SOONEST_AGAIN = 15 * MINUTE, 5 * MINUTE
# Terminals of these priorities are words of the language; with these a watch may begin.
_KEYWORDS = (3, 4)
_BEGINNINGS = {"ALL", "SQUEEZE", "FUEL", "EXHAUSTION", "MAGNET", "SWEEP", "CASCADE"} | {
    "DIGEST",
    "HEATMAP",
}
# Figures that a word before them can belong to, as in "mark price".
_AFTER_A_WORD = ("price", "squeeze", "delta", "ratio")
# Brackets beyond this are refused before they are read.
_MOST_BRACKETS = 40


@lru_cache(maxsize=1)
def grammar() -> Lark:
    """Return the language; made when it is first needed (80 ms)."""
    return Lark.open(
        "grammar.lark", rel_to=__file__, parser="lalr", lexer="contextual", maybe_placeholders=False
    )


def watch(text: str) -> Watch:
    """Read a watch as somebody typed it; WatchRefused points at the word that is wrong.

    >>> print(watch("btc funding above 0,03 % and open interest rising in 4 hours, cap 5/day"))
    BTC funding > 0.03% and oi rising 4h cap 5/day
    """
    if len(text) > LONGEST:
        why = say(
            "That has {count} signs; a watch has at most {most}.", count=len(text), most=LONGEST
        )
        raise WatchRefused(why, text, LONGEST, 0)
    said = typed(text)
    if not said.text.strip():
        raise WatchRefused(say("Say what to watch, such as BTC funding > 0.03%."), text, 0, 0)
    if said.text.count("(") > _MOST_BRACKETS:
        at = said.place(said.text.index("("))
        raise WatchRefused(say("That has too many brackets to be read."), text, at, 1)
    try:
        tree = grammar().parse(said.text)
    except UnexpectedInput as error:
        raise _refused(said, error) from None
    return _watch(said, tree.children[0])  # type: ignore[arg-type]  # start has one subtree


def condition(text: str, market: str = "BTC") -> Condition:
    """Read a condition without its market, as a guided draft asks for it; WatchRefused."""
    found = watch(f"{market} {text}").what
    if isinstance(found, Digest | HeatmapEvery):
        raise WatchRefused(say("That is a time, not a condition."), text, 0, len(text))
    return found


def _refused(said: Typed, error: UnexpectedInput) -> WatchRefused:
    """Explain where reading stopped; a coin that resembles a word of the language comes first."""
    try:
        read = list(grammar().lex(said.text[: error.pos_in_stream or 0]))
    except UnexpectedInput:
        read = []
    first = read[0] if read else None
    if first is not None and first in FIGURES and first.type != "ALL":
        return _no_coin(said, first)
    names: list[Token] = []
    for before, token in zip([None, *read], read, strict=False):
        if before is None or token.type != "NAME":
            continue
        if before.type == "NAME":
            names.append(token)
    return unexpected(said, error, names)


def _no_coin(said: Typed, token: Token) -> WatchRefused:
    why = say("Name a coin before “{word}”, such as BTC {word} …", word=token)
    return at_token(said, token, why, ("a name such as BTC", ALL))


def _watch(said: Typed, tree: Tree[Token]) -> Watch:
    builder = Builder(said)
    markets = _markets(said, tree)
    options = Options()
    venues = _venues(said, tree)
    seen: set[str] = set()
    for option in tree.children:
        if isinstance(option, Tree) and option.data.startswith("option_"):
            if option.data in seen or (option.data == "option_venues" and venues):
                raise at_token(said, next(tokens(option)), say("That is said twice."))
            seen.add(option.data)
            if option.data == "option_venues":
                venues = _venues(said, option)
            else:
                options = _option(said, builder, option, options)
    return Watch(markets, _what(said, builder, tree, options), venues, options)


def _what(
    said: Typed, builder: Builder, tree: Tree[Token], options: Options
) -> Condition | Digest | HeatmapEvery:
    values_of = {each.type: each for each in tree.children if isinstance(each, Token)}
    if tree.data == "digest":
        return Digest(values.minute_of_day(said, values_of["CLOCK"]))
    if tree.data == "heatmap":
        return HeatmapEvery(values.span(said, values_of["WINDOW"], least=_SOONEST_PICTURE))
    named = next(
        each
        for each in tree.children
        if isinstance(each, Tree) and each.data in {"condition", "signal"}
    )
    found = builder.condition(named)
    _within_limits(said, named, found, options)
    return found


def _within_limits(said: Typed, tree: Tree[Token], found: Condition, options: Options) -> None:
    first = next(tokens(tree))
    clauses = [*leaves(found), *(leaves(options.until) if options.until else ())]
    if len(clauses) > MOST_CLAUSES:
        counted = {"count": len(clauses), "most": MOST_CLAUSES}
        why = say("That has {count} clauses; a watch has at most {most}.", **counted)
        raise at_token(said, first, why)
    if max(depth(found), depth(options.until) if options.until else 0) > DEEPEST:
        why = say("Brackets stand deeper than {most} in one another.", most=DEEPEST)
        raise at_token(said, first, why)
    if options.hold is None:
        return
    for each in leaves(found):
        if isinstance(each, Clause) and each.comparison.crosses:
            crossing = next(tokens(next(tree.find_data("crossing"))))
            why = say(
                "“crosses” is over in a moment and cannot hold for a time; say above or below."
            )
            raise at_token(said, crossing, why, ("above", "below"))


@lru_cache(maxsize=1_000)
def _is_word(name: str, *, first: bool) -> bool:
    """Say whether a name would be read as a word of the language where names stand.

    As the first of all only words that a watch begins with would be.
    """
    said = (name, *(f"{name} {figure}" for figure in _AFTER_A_WORD))
    for each in grammar().terminals:
        if each.priority not in _KEYWORDS or (first and each.name not in _BEGINNINGS):
            continue
        found = (re.match(each.pattern.to_regexp(), text) for text in said)
        if any(match is not None and match.end() >= 1 for match in found):
            return True
    return False


def _names(tree: Tree[Token]) -> list[tuple[Token, bool]]:
    """Return names, and whether each stands right after another without a comma."""
    read = list(tokens(tree))
    pairs = zip([None, *read], read, strict=False)
    return [
        (token, before is not None and before.type == "NAME")
        for before, token in pairs
        if token.type == "NAME"
    ]


def _checked(said: Typed, tree: Tree[Token], most: int, *, coins: bool) -> tuple[Token, ...]:
    found = _names(tree)
    for place, (name, follows) in enumerate(found):
        if _is_word(str(name), first=not place and coins):
            why = say(
                "“{word}” is a word of the language; for the coin write {symbol}.",
                word=name,
                symbol=f"{name.upper()}USDT",
            )
            raise at_token(said, name, why)
        meant = near_keyword(str(name)) if follows else None
        if meant:
            raise at_token(said, name, meant_instead(str(name), meant), (meant,))
    if len(found) > most:
        why = say("That names {count} coins; {most} at most.", count=len(found), most=most)
        if not coins:
            why = say("That names {count} venues; {most} at most.", count=len(found), most=most)
        raise at_token(said, found[most][0], why)
    return tuple(name for name, _ in found)


def _markets(said: Typed, tree: Tree[Token]) -> tuple[str, ...]:
    named = next((each for each in tree.find_data("markets")), None)
    if named is None:
        return ()
    if any(token.type == "ALL" for token in tokens(named)):
        return (ALL,)
    found = _checked(said, named, MOST_MARKETS, coins=True)
    if found[0] in FIGURES:
        raise _no_coin(said, found[0])
    return tuple(dict.fromkeys(name.upper() for name in found))


def _venues(said: Typed, tree: Tree[Token]) -> tuple[str, ...]:
    named = [each for each in tree.children if isinstance(each, Tree) and each.data == "venues"]
    if not named:
        return ()
    found = _checked(said, named[0], MOST_VENUES, coins=False)
    return tuple(dict.fromkeys(str(name) for name in found))


def _option(said: Typed, builder: Builder, tree: Tree[Token], options: Options) -> Options:
    word = next(each for each in tokens(tree) if each.type != "COMMA")
    value = [each for each in tree.children if isinstance(each, Token)][-1]
    match str(tree.data):
        case "option_for":
            return replace(options, hold=values.span(said, value, most=_LONGEST_HOLD))
        case "option_every":
            return replace(options, every=values.span(said, value, least=_SOONEST_AGAIN))
        case "option_cooldown":
            return replace(options, cooldown=values.span(said, value, most=7 * DAY))
        case "option_cap":
            return replace(options, cap=values.per_day(said, value, _MOST_A_DAY))
        case "option_quiet":
            return replace(options, quiet=values.hours(said, value))
    ends = next(tree.find_data("condition"))
    until = builder.condition(ends)
    if any(isinstance(each, Clause) and each.comparison.crosses for each in leaves(until)):
        why = say("“until” needs what can last: say above or below, not crosses.")
        raise at_token(said, word, why)
    return replace(options, until=until)
