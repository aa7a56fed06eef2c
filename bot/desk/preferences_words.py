"""What is said about settings, and the buttons to choose by."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot import languages
from bot.core.estimate.strips import BELOW
from bot.core.instruments import venue_name
from bot.core.language import mark, say, say_of
from bot.core.signals.names import capital
from bot.core.watches import hours
from bot.core.windows import WINDOWS
from bot.desk import zones
from bot.desk.own_requests import DEFAULT, SettingsRequest
from bot.desk.steps import rows, step
from bot.reply import Button, Reply

if TYPE_CHECKING:
    from bot.desk.preferences import Preferences

_QUIET = ("22:00-07:00", "23:00-08:00", "00:00-08:00")
_THEMES = {"dark": mark("dark"), "light": mark("light")}
_PANELS = {"oi": mark("open interest"), "funding": mark("funding"), "liqs": mark("liquidations")}
_EACH_ROW = 4
_MOST_VENUES = 19  # buttons that every chat has room for, with the row below


def page(request: SettingsRequest, known: "Preferences", now: int, *, shared: bool) -> Reply:
    """Show all settings, or what there is to choose from for one of them."""
    if request.what == "reset" and not request.value:
        return _asked(shared=shared)
    pages = {"theme": _theme, "window": _window, "panels": _panels, "language": _language}
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
    everywhere = step(say("All venues"), f"settings venues {DEFAULT}", chosen=not chosen)
    return Reply(
        say("Venues: {venues}", venues=_venues(chosen)),
        (
            say("Asked for where no venue is named; “all” after a coin means every one."),
            say("Tap to take one in or out. A coin that none of them lists is shown from all."),
        ),
        buttons=rows(*_in_rows(each), (*everywhere, _back())),
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
    theme, zone = say(_THEMES[known.theme]), zones.shown(manners.zone)
    usual = known.language not in languages.NAMES
    return (
        say("Theme: {theme}", theme=theme)
        if settings.theme
        else say("Theme: {theme}, the default", theme=theme),
        say("Window: {window}", window=known.window)
        if settings.window
        else say("Window: {window}, the default", window=known.window),
        say("Venues: {venues}", venues=_venues(settings.venues or ())),
        say("Panels: {panels}", panels=_panels_of(known)),
        say("Time zone: {zone}, {time} there now", zone=zone, time=_time(now, manners.zone)),
        say("Quiet hours: {hours}", hours=_hours(manners.quiet)),
        *([] if usual else [say("Language: {language}", language=_language_of(known))]),
    )


def _all(known: "Preferences", now: int, *, shared: bool) -> Reply:
    whose = say("Everybody here sees by these; only moderators change them.")
    return Reply(
        say("Settings of this chat") if shared else say("Your settings"),
        (*lines(known, now), *((whose,) if shared else ())),
        buttons=(
            (
                Button(say("Theme"), "settings theme"),
                Button(say("Window"), "settings window"),
                Button(say("Venues"), "settings venues"),
                Button(say("Panels"), "settings panels"),
            ),
            (
                Button(say("Time zone"), "settings zone"),
                Button(say("Quiet hours"), "settings quiet"),
                Button(say("Language"), "settings language"),
            ),
            (Button(say("Reset"), "settings reset"), Button(say("Privacy"), "privacy", fresh=True)),
        ),
    )


def _theme(known: "Preferences") -> Reply:
    row = [
        Button(say(name).capitalize(), f"settings theme {each}", chosen=each == known.theme)
        for each, name in _THEMES.items()
    ]
    return Reply(
        say("Theme: {theme}", theme=say(_THEMES[known.theme])),
        (say("Of every picture here; “light” after a coin changes one alone."),),
        buttons=(tuple(row), (_back(),)),
    )


def _window(known: "Preferences") -> Reply:
    row = [
        Button(each.name, f"settings window {each.name}", chosen=each.name == known.window)
        for each in WINDOWS
    ]
    return Reply(
        say("Window: {window}", window=known.window),
        (say("How far back /heatmap and /map look where you do not say."),),
        buttons=(tuple(row), (_back(),)),
    )


def _panels(known: "Preferences") -> Reply:
    each: list[Button] = []
    for panel in BELOW:
        there = panel in known.panels
        words = f"settings panels {'-' if there else '+'}{panel}"
        each += step(capital(say(_PANELS[panel])), words, chosen=there)
    return Reply(
        say("Panels: {panels}", panels=_panels_of(known)),
        (
            say("What stands below a heatmap; the less, the more room has the map."),
            say("Tap to take one in or out."),
        ),
        buttons=rows(each, (_back(),)),
    )


def _zone(known: "Preferences", now: int) -> Reply:
    zone = known.manners.zone
    each: list[Button] = []
    for name in dict.fromkeys((*zones.OFFERED, zone)):
        label = zones.shown(name).rpartition("/")[2].replace("_", " ")
        each += step(label, f"settings zone {name}", chosen=name == zone)
    time = _time(now, zone)
    return Reply(
        say("Time zone: {zone}", zone=zones.shown(zone)),
        (
            say(
                "There it is {time} now. Digests, quiet hours and /mute until follow it.", time=time
            ),
            say("Any other: /settings zone Lisbon, or utc+2."),
        ),
        buttons=rows(*_in_rows(each), (_back(),)),
    )


def _quiet(known: "Preferences", now: int) -> Reply:
    quiet, zone = known.manners.quiet, known.manners.zone
    said = written(quiet) if quiet else ""
    each = [Button(say_of("quiet hours", "Off"), "settings quiet off", chosen=not quiet)]
    for hours_ in dict.fromkeys((*_QUIET, *([said] if said else []))):
        each += step(hours_, f"settings quiet {hours_}", chosen=hours_ == said)
    return Reply(
        say("Quiet hours: {hours}", hours=_hours(quiet)),
        (
            say("Watches send nothing then; what is held back is told late if it still lasts."),
            say(
                "By the time in {zone}, {time} now.", zone=zones.shown(zone), time=_time(now, zone)
            ),
            say("Any other: /settings quiet 21:30-06:45."),
        ),
        buttons=rows(*_in_rows(each), (Button(say("Time zone"), "settings zone"), _back())),
    )


def _language(known: "Preferences") -> Reply:
    row = [
        Button(name, f"settings language {each}", chosen=each == known.language)
        for each, name in languages.NAMES.items()
    ]
    about = say("Of every answer, picture and alert here. Commands are the same in all languages.")
    return Reply(
        say("Language: {language}", language=_language_of(known)),
        (about,),
        buttons=(tuple(row), (_back(),)),
    )


def _asked(*, shared: bool) -> Reply:
    return Reply(
        say("Back to the defaults?"),
        (
            say("All settings of this chat. Watches and trades stay.")
            if shared
            else say("All your settings. Watches and trades stay."),
        ),
        buttons=((Button(say("Reset all"), "settings reset yes"), _back()),),
    )


def _back() -> Button:
    return Button(say("All settings"), "settings")


def _hours(quiet: tuple[int, int] | None) -> str:
    return written(quiet) if quiet else say_of("quiet hours", "off")


def _language_of(known: "Preferences") -> str:
    return languages.NAMES.get(known.language or "", "") or say("not chosen")


def _venues(chosen: Sequence[str]) -> str:
    return ", ".join(map(venue_name, chosen)) or say_of("venues", "all")


def _panels_of(known: "Preferences") -> str:
    return ", ".join(say(_PANELS[each]) for each in known.panels) or say_of("panels", "none")


def _time(now: int, zone: str) -> str:
    return hours.local(now, zone).strftime("%H:%M")


def _in_rows(buttons: Sequence[Button]) -> list[tuple[Button, ...]]:
    starts = range(0, len(buttons), _EACH_ROW)
    return [tuple(buttons[start : start + _EACH_ROW]) for start in starts]
