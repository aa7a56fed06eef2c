"""Watches in words: what there is to choose from, what a chat keeps, and how each stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core import figures
from bot.core.arrays import DAY, MINUTE
from bot.core.errors import WatchRefused
from bot.core.language import many, mark, say
from bot.core.watches import hours, parse
from bot.core.watches.gate import State
from bot.core.watches.lifecycle import Course, Phase, Sight
from bot.core.watches.presets import PRESETS, preset, rules
from bot.core.watches.schedule import Scheduled
from bot.core.watches.tree import Digest, HeatmapEvery, Hours, Watch
from bot.desk.steps import rows, step
from bot.desk.watching.held_back import held_words, why_words
from bot.reply import Button, Reply
from bot.watching import KeptWatch, Manners

PAGE = 5  # watches shown at a time
_MENU_COINS = ("BTC", "ETH", "SOL")
_A_ROW = 3  # presets beside one another
_WIDTH = 34  # letters of a table's row
_MOST_COURSES = 4  # markets of one watch whose states are told
_SIGHTS = {Sight.BLIND: mark("no data"), Sight.BROKEN: mark("error")}
_EXAMPLES = (
    "/watch {coin} funding > 0.03% and oi rising 4h",
    "/watch {coin} clusters above > 200M within 3% for 10m",
    "/watch {coin} cascade quiet 23:00-07:00",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A watch that is kept, as it stands now."""

    kept: KeptWatch
    state: State | Scheduled | None  # None: it has not been judged yet
    due: int | None  # [ms] UTC when a schedule speaks next


def menu(coin: str) -> Reply:
    """Offer presets for a coin, and the way to one's own words."""
    presets = [step(name, f"watch now {preset(name, coin)}", fresh=True) for name in PRESETS]
    flat = [button for each in presets for button in each]
    coins = [
        Button(name, f"watch {name}", chosen=name == coin)
        for name in dict.fromkeys((*_MENU_COINS, coin))
    ]
    return Reply(
        say("What should I watch on {coin}?", coin=coin),
        (
            say("One tap saves a preset; it can be undone."),
            say("Or say it in your own words, such as"),
            *(f"  {example.format(coin=coin)}" for example in _EXAMPLES),
        ),
        buttons=rows(
            *(flat[at : at + _A_ROW] for at in range(0, len(flat), _A_ROW)),
            coins,
            [Button(say("Make your own"), f"watch edit new {coin}")],
        ),
    )


def refused(error: WatchRefused, buttons: Sequence[Button]) -> Reply:
    """Say which word is wrong, and what would fit there."""
    return Reply(
        str(error),
        (say("A tap puts it right.") if buttons else say("/help watch has examples."),),
        table=pointed(error),
        buttons=rows(*(buttons[at : at + _A_ROW] for at in range(0, len(buttons), _A_ROW))),
        kind="problem",
    )


def pointed(error: WatchRefused) -> tuple[str, ...]:
    """Return the part of a text around its wrong word, and a row that points there.

    >>> pointed(WatchRefused("", "BTC fundin > 0.03%", 4, 6))
    ('BTC fundin > 0.03%', '    ^^^^^^')
    """
    if not error.text.strip():
        return ()
    long = len(error.text) > _WIDTH
    start = max(0, min(error.at - _WIDTH // 3, len(error.text) + 1 - _WIDTH)) if long else 0
    shown = "".join(" " if sign.isspace() else sign for sign in error.text[start:][:_WIDTH])
    if start:
        shown = f"…{shown[1:]}"
    if start + _WIDTH < len(error.text):
        shown = f"{shown[:-1]}…"
    at = error.at - start
    return shown, f"{' ' * at}{'^' * max(1, min(error.length, _WIDTH - at))}"


def promises(watch: Watch, manners: Manners) -> str:
    """Say how a watch will speak, by what it says itself and by what is usual."""
    held = rules("", watch, manners.zone, quiet=quiet_hours(manners))
    if isinstance(watch.what, Digest):
        return say("It speaks once a day, and not while this chat is muted.")
    said = []
    if held.hold:
        said.append(say("it must hold for {span}", span=figures.span(held.hold)))
    if not isinstance(watch.what, HeatmapEvery):
        cooldown = figures.span(held.cooldown)
        said += [
            say("at most {count} messages a day", count=held.cap),
            say("the same again after {span} at the soonest", span=cooldown),
        ]
    if held.quiet:
        said.append(say("silent {hours} {zone}", hours=held.quiet, zone=manners.zone))
    text = "; ".join(said) or say("a picture each time")
    return f"{text[0].upper()}{text[1:]}."


def times(watch: Watch, now: int, zone: str, count: int = 3) -> str:
    """Say when a schedule speaks next.

    >>> times(parse.watch("BTC digest 08:00"), 1_767_225_900_000, "UTC")
    '1 Jan 08:00, 2 Jan 08:00, 3 Jan 08:00 (UTC)'
    """
    what = watch.what
    if not isinstance(what, Digest | HeatmapEvery):
        return ""
    every = what.every if isinstance(what, HeatmapEvery) else DAY
    found: list[int] = []
    at = now
    while len(found) < count:
        at += every
        found.append(hours.newest(what, at, zone).at)
    return f"{', '.join(_moment(each, zone) for each in found)} ({zone})"


def listing(
    standings: Sequence[Standing], page: int, manners: Manners, held: Mapping[str, int], now: int
) -> Reply:
    """List a chat's watches."""
    last = max(1, -(-len(standings) // PAGE))
    page = min(page, last)
    shown = standings[(page - 1) * PAGE : page * PAGE]
    lines = [line for each in shown for line in _lines(each, manners, now)]
    if muted := muted_words(manners, now):
        lines.insert(0, muted)
    if counted := held_words(held):
        lines.append(say("Held back: {what}.", what=counted))
    turns = [
        *step(say("Page {page}", page=page - 1), f"watches {page - 1}"),
        *step(say("Page {page}", page=page + 1), f"watches {page + 1}"),
    ]
    turns = [button for button in turns if button.words not in {"watches 0", f"watches {last + 1}"}]
    count = len(standings)
    of = say(", page {page} of {last}", page=page, last=last) if last > 1 else ""
    said = many("{count} watch in this chat", "{count} watches in this chat", count) + of
    return Reply(
        said if count else say("Nothing is watched"),
        tuple(lines) if count else (say("One tap makes the first."),),
        buttons=rows(
            [Button(each.kept.id, f"watches {each.kept.id}") for each in shown],
            turns,
            [Button(say("New watch"), "watch", fresh=True), *mute_buttons(manners, now)],
        ),
    )


def detail(
    standing: Standing, manners: Manners, now: int, ledger: Sequence[str], *, sure: bool = False
) -> Reply:
    """Show one watch; `sure` asks whether it is really to be removed."""
    kept = standing.kept
    watch = parse.watch(kept.words)
    scheduled = isinstance(watch.what, Digest | HeatmapEvery)
    silent = kept.snoozed_until > now
    state = _lines(standing, manners, now)[1].strip()
    lines = [kept.words]
    if silent or not scheduled:
        lines.append(f"{state[0].upper()}{state[1:]}.")
    if next_times := times(watch, now, manners.zone):
        lines.append(say("Next: {times}.", times=next_times))
    lines.append(promises(watch, manners))
    if ledger:
        lines += ["", *ledger]
    elif isinstance(standing.state, State) and (told := held_words(standing.state.held_in_all)):
        lines.append(say("Held back: {what}.", what=told))
    if sure:
        asked = [
            Button(say("Remove {watch}", watch=kept.id), f"watches remove {kept.id} yes"),
            Button(say("Keep it"), f"watches {kept.id}"),
        ]
        lines.insert(0, say("Its episodes and what came of them are forgotten, too."))
        return Reply(say("Remove {watch}?", watch=kept.id), tuple(lines), buttons=(tuple(asked),))
    mutes = (
        [Button(say("Wake"), f"watches {kept.id} wake")]
        if silent
        else [
            Button(say("Mute 1h"), f"watches {kept.id} mute 1h"),
            Button(say("Mute 8h"), f"watches {kept.id} mute 8h"),
        ]
    )
    preview = (
        [] if scheduled else [Button(say("Preview"), f"watches {kept.id} preview", fresh=True)]
    )
    return Reply(
        say("Watch {watch}", watch=kept.id),
        tuple(lines),
        buttons=rows(
            mutes,
            [*preview, Button(say("Change"), f"watch edit {kept.id}")],
            [
                Button(say("Remove"), f"watches remove {kept.id}"),
                Button(say("All watches"), "watches"),
            ],
        ),
    )


def muted_words(manners: Manners, now: int) -> str:
    """Say until when a chat is muted; "" if it is not."""
    if manners.muted_until <= now:
        return ""
    until = moment(manners.muted_until, now, manners.zone)
    return say("This chat is muted until {time}.", time=until)


def mute_buttons(manners: Manners, now: int) -> list[Button]:
    """Offer to silence a chat, or to let it speak."""
    if manners.muted_until > now:
        return [Button(say("Unmute"), "mute off")]
    return [Button(say("Mute 1h"), "mute 1h"), Button(say("Mute 8h"), "mute 8h")]


def moment(at: int, now: int, zone: str) -> str:
    """Write a time by the chat's clock: the hour, and the day if it is another.

    >>> moment(1_767_225_900_000, 1_767_229_200_000, "Europe/Berlin")
    '01:05 (Europe/Berlin)'
    """
    there = hours.local(at, zone)
    same = there.date() == hours.local(now, zone).date()
    return f"{f'{there:%H:%M}' if same else _moment(at, zone)} ({zone})"


def _moment(at: int, zone: str) -> str:
    there = hours.local(at, zone)
    shifted = at + int((there.utcoffset() or timedelta(0)).total_seconds() * 1000)
    return f"{figures.day(shifted)} {there:%H:%M}"


def quiet_hours(manners: Manners) -> Hours | None:
    """Return a chat's own quiet hours."""
    return None if manners.quiet is None else Hours(*manners.quiet)


def _lines(standing: Standing, manners: Manners, now: int) -> tuple[str, ...]:
    """Return a watch's words and how it stands, a line each."""
    kept, state, zone = standing.kept, standing.state, manners.zone
    watch = parse.watch(kept.words)
    scheduled = isinstance(watch.what, Digest | HeatmapEvery)
    if kept.snoozed_until > now:
        stands = say("muted until {time}", time=moment(kept.snoozed_until, now, zone))
    elif scheduled:
        due = f"{moment(standing.due, now, zone)}" if standing.due is not None else ""
        stands = say("next {time}", time=due or times(watch, now, zone, 1))
    elif isinstance(state, State):
        stands = _courses(watch, state, now, zone)
    else:
        stands = say("not judged yet")
    if not scheduled:
        told = state.last_told if isinstance(state, State) else 0
        ago = figures.ago(now - told)
        stands += say("; last told {ago}", ago=ago) if told else say("; never told yet")
    return f"{kept.id}: {kept.words}", f"  {stands}"


def _courses(watch: Watch, state: State, now: int, zone: str) -> str:
    """Say how a watch stands on its markets; those where nothing goes on are left out."""
    hold = watch.options.hold or 0
    told = [
        f"{market} {said}"
        for market, course in state.courses.items()
        if (said := _course(course, hold, now, zone))
    ]
    if not told:
        return say("inactive")
    more = len(told) - _MOST_COURSES
    said = ", ".join(told[:_MOST_COURSES])
    return say("{names} and {more} more", names=said, more=more) if more > 0 else said


def _course(course: Course, hold: int, now: int, zone: str) -> str:
    sight = "" if course.sight is Sight.CLEAR else say(_SIGHTS[course.sight])
    if course.phase.lasts:
        said = say("firing since {time}", time=moment(course.began, now, zone))
        if course.waits and not course.told:
            said += say(", held back: {why}", why=why_words(course.waits))
        return f"{said}, {sight}" if sight else said
    if sight:
        return sight
    if course.phase is Phase.PENDING:
        lasts = {"held": course.held // MINUTE, "hold": hold // MINUTE}
        return say("pending {held} of {hold} min", **lasts)
    return ""
