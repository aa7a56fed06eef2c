"""What is said about settings, and the buttons to choose by."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.core.instruments import venue_name
from bot.core.watches import hours
from bot.core.windows import WINDOWS
from bot.desk import zones
from bot.desk.own_requests import DEFAULT, SettingsRequest
from bot.desk.steps import rows, step
from bot.reply import Button, Reply

if TYPE_CHECKING:
    from bot.desk.preferences import Preferences

_QUIET = ("22:00-07:00", "23:00-08:00", "00:00-08:00")
_LANGUAGES = {"en": "English", "de": "German"}
_BACK = Button("All settings", "settings")
_EACH_ROW = 4
_MOST_VENUES = 19  # buttons that every chat has room for, with the row below


def page(request: SettingsRequest, known: "Preferences", now: int, *, shared: bool) -> Reply:
    """Show all settings, or what there is to choose from for one of them."""
    if request.what == "reset" and not request.value:
        return _asked(shared=shared)
    pages = {"theme": _theme, "window": _window, "language": _language}
    if request.what in pages:
        return pages[request.what](known)
    if request.what in {"zone", "quiet"}:
        return (_zone if request.what == "zone" else _quiet)(known, now)
    return _all(known, now, shared=shared)


def venues(known: "Preferences", connected: Sequence[str]) -> Reply:
    """Show which venues are meant where none is named; a tap takes one in or out."""
    chosen = known.settings.venues or ()
    each: list[Button] = []
    for venue in sorted(connected)[:_MOST_VENUES]:
        there = venue in chosen
        words = f"settings venues {'-' if there else '+'}{venue}"
        each += step(venue_name(venue), words, chosen=there)
    last = (*step("All venues", f"settings venues {DEFAULT}", chosen=not chosen), _BACK)
    return Reply(
        f"Venues: {_venues(chosen)}",
        (
            "Asked for where no venue is named; “all” after a coin means every one.",
            "Tap to take one in or out. A coin that none of them lists is shown from all.",
        ),
        buttons=rows(*_in_rows(each), last),
    )


def minutes(quiet: str) -> tuple[int, int]:
    """Read "22:00-07:00" [minute of the day]."""
    first, last = (
        60 * int(hour) + int(minute)
        for hour, minute in (each.split(":") for each in quiet.split("-"))
    )
    return first, last


def written(quiet: tuple[int, int]) -> str:
    """Write quiet hours.

    >>> written((1320, 420))
    '22:00-07:00'
    """
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in quiet)


def lines(known: "Preferences", now: int) -> tuple[str, ...]:
    """Say what holds, a line each."""
    settings, manners = known.settings, known.manners
    return (
        f"Theme: {known.theme}{'' if settings.theme else ', the default'}",
        f"Window: {known.window}{'' if settings.window else ', the default'}",
        f"Venues: {_venues(settings.venues or ())}",
        f"Time zone: {zones.shown(manners.zone)}, {_time(now, manners.zone)} there now",
        f"Quiet hours: {written(manners.quiet) if manners.quiet else 'off'}",
        *([f"Language: {_LANGUAGES[manners.language]}"] if manners.language in _LANGUAGES else []),
    )


def _all(known: "Preferences", now: int, *, shared: bool) -> Reply:
    whose = ("Everybody here sees by these; only moderators change them.",) if shared else ()
    return Reply(
        "Settings of this chat" if shared else "Your settings",
        (*lines(known, now), *whose),
        buttons=(
            (
                Button("Theme", "settings theme"),
                Button("Window", "settings window"),
                Button("Venues", "settings venues"),
            ),
            (Button("Time zone", "settings zone"), Button("Quiet hours", "settings quiet")),
            (Button("Reset", "settings reset"), Button("Privacy", "privacy", fresh=True)),
        ),
    )


def _theme(known: "Preferences") -> Reply:
    row = [
        Button(each.capitalize(), f"settings theme {each}", chosen=each == known.theme)
        for each in ("dark", "light")
    ]
    return Reply(
        f"Theme: {known.theme}",
        ("Of every picture here; “light” after a coin changes one alone.",),
        buttons=(tuple(row), (_BACK,)),
    )


def _window(known: "Preferences") -> Reply:
    row = [
        Button(each.name, f"settings window {each.name}", chosen=each.name == known.window)
        for each in WINDOWS
    ]
    return Reply(
        f"Window: {known.window}",
        ("How far back /heatmap and /map look where you do not say.",),
        buttons=(tuple(row), (_BACK,)),
    )


def _zone(known: "Preferences", now: int) -> Reply:
    zone = known.manners.zone
    each: list[Button] = []
    for name in dict.fromkeys((*zones.OFFERED, zone)):
        label = zones.shown(name).rpartition("/")[2].replace("_", " ")
        each += step(label, f"settings zone {name}", chosen=name == zone)
    return Reply(
        f"Time zone: {zones.shown(zone)}",
        (
            f"There it is {_time(now, zone)} now. Digests, quiet hours and /mute until follow it.",
            "Any other: /settings zone Lisbon, or utc+2.",
        ),
        buttons=rows(*_in_rows(each), (_BACK,)),
    )


def _quiet(known: "Preferences", now: int) -> Reply:
    quiet, zone = known.manners.quiet, known.manners.zone
    said = written(quiet) if quiet else ""
    each = [Button("Off", "settings quiet off", chosen=not quiet)]
    for hours_ in dict.fromkeys((*_QUIET, *([said] if said else []))):
        each += step(hours_, f"settings quiet {hours_}", chosen=hours_ == said)
    return Reply(
        f"Quiet hours: {said or 'off'}",
        (
            "Watches send nothing then; what is held back is told late if it still lasts.",
            f"By the time in {zones.shown(zone)}, {_time(now, zone)} now.",
            "Any other: /settings quiet 21:30-06:45.",
        ),
        buttons=rows(*_in_rows(each), (Button("Time zone", "settings zone"), _BACK)),
    )


def _language(known: "Preferences") -> Reply:
    language = _LANGUAGES.get(known.manners.language or "", "")
    lines_ = ("English is spoken so far; what you chose is kept for when there is more.",)
    return Reply(f"Language: {language or 'not chosen'}", lines_, buttons=((_BACK,),))


def _asked(*, shared: bool) -> Reply:
    what = "settings of this chat" if shared else "your settings"
    return Reply(
        "Back to the defaults?",
        (f"All {what}. Watches and trades stay.",),
        buttons=((Button("Reset all", "settings reset yes"), _BACK),),
    )


def _venues(chosen: Sequence[str]) -> str:
    return ", ".join(map(venue_name, chosen)) or "all"


def _time(now: int, zone: str) -> str:
    return hours.local(now, zone).strftime("%H:%M")


def _in_rows(buttons: Sequence[Button]) -> list[tuple[Button, ...]]:
    starts = range(0, len(buttons), _EACH_ROW)
    return [tuple(buttons[start : start + _EACH_ROW]) for start in starts]
