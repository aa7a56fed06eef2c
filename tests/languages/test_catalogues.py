"""A language is complete: every sentence has its translation, with the same figures in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message

from bot.desk.commands import COMMANDS
from bot.languages import NAMES, spoken
from tests.languages.gather import (
    KEYWORDS,
    ROOT,
    catalogue,
    path,
    sentences,
    templates,
    translated,
    written,
)

OTHERS = [language for language in NAMES if language != "en"]
_EACH = pytest.mark.parametrize("language", OTHERS)
_WITH_CONTEXT = {"say_of", "later_of"}
_COUNTED = {"many", "later_many"}
_COMMAND = re.compile(r"(?<![\w/])/[a-z]+\b")


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def forms(message: Message) -> list[tuple[str, str]]:
    """Pair each form of a sentence with its template."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    one, more = message.id
    told = message.string if isinstance(message.string, tuple | list) else ()
    return list(zip((one, more), map(str, told), strict=True))


@_EACH
def test_every_sentence_is_translated(language: str) -> None:
    lacking = [each.id for each in sentences(catalogue(language)) if not translated(each)]
    assert not lacking


@_EACH
def test_a_catalogue_holds_what_is_said_and_nothing_else(language: str) -> None:
    now = path(language).read_bytes()
    assert written(catalogue(language), templates()) == now, "run: make words"


@_EACH
def test_a_translation_has_the_fields_and_the_commands_of_its_sentence(language: str) -> None:
    for message in sentences(catalogue(language)):
        for template, told in forms(message):
            # The form for one thing may name it in a word.
            assert fields(told) <= fields(template), (template, told)
            assert fields(template) - fields(told) <= {"count"}, (template, told)
            assert set(_COMMAND.findall(told)) == set(_COMMAND.findall(template)), (template, told)


@_EACH
def test_what_menus_say_of_a_command_fits_into_every_chat(language: str) -> None:
    from bot.core.language import say

    with spoken(language):
        long = [each.name for each in COMMANDS if len(say(each.summary)) > 100]
    assert not long


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    for folder in ("bot", "renderers", "storage"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                name = getattr(node, "func", None)
                said = getattr(name, "id", getattr(name, "attr", ""))
                if isinstance(node, ast.Call) and said in KEYWORDS:
                    yield file, node, said


def literal(call: ast.Call, at: int) -> str | None:
    """Return an argument that stands there in so many words."""
    found = call.args[at] if len(call.args) > at else None
    return str(found.value) if isinstance(found, ast.Constant) else None


def test_a_sentence_is_given_exactly_the_fields_that_it_names() -> None:
    looked_at = 0
    for file, call, name in calls():
        template = literal(call, 1 if name in _WITH_CONTEXT else 0)
        if template is None or name == "mark" or any(each.arg is None for each in call.keywords):
            continue  # or its fields are handed on as they came
        given = {str(each.arg) for each in call.keywords}
        wanted = fields(template)
        if name in _COUNTED:
            wanted = (wanted | fields(literal(call, 1) or "")) - {"count"}
        assert given == wanted, f"{file.relative_to(ROOT)}:{call.lineno} {template!r}"
        looked_at += 1
    assert looked_at > 100


def test_translators_are_given_every_sentence_wherever_it_stands() -> None:
    """Babel does not look into f-strings before Python 3.12; this does."""
    given = {
        (message.context, message.id if isinstance(message.id, str) else message.id[0])
        for message in templates()
    }
    for file, call, name in calls():
        template = literal(call, 1 if name in _WITH_CONTEXT else 0)
        context = literal(call, 0) if name in _WITH_CONTEXT else None
        if template:
            where = f"{file.relative_to(ROOT)}:{call.lineno}"
            assert (context, template) in given, (
                f"{where} {template!r}: take it out of the f-string"
            )
