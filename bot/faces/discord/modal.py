"""A form as Discord's modal: at most five questions, 4,000 characters each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.cards.card import Form, FormField
from bot.faces.discord.markdown import clean, one_line, shortened, units
from engine.errors import Rejected

MOST_FIELDS = 5
MOST_TEXT = 4000
_LABEL, _TEXT_INPUT, _SELECT = 18, 4, 3
_SHORT, _PARAGRAPH = 1, 2


def modal(form: Form, custom_id: str) -> dict[str, Any]:
    """The modal. Raises Rejected when the form cannot be shown whole, because half a text sent back would destroy the rest."""
    fields = _shown(form)
    too_long = next((field for field in fields if field.kind != "choice" and units(clean(field.value)) > MOST_TEXT), None)
    if too_long:
        raise Rejected(
            f"“{one_line(too_long.label)}” is longer than the {MOST_TEXT:,} characters that a form on Discord can hold. "
            "Use /flow export, change the file, and give it back with /flow import."
        )
    names = _names(fields)
    return {
        "title": shortened(one_line(form.title), 45) or "Signalbox",
        "custom_id": custom_id,
        "components": [_question(field, name) for field, name in zip(fields, names, strict=True)],
    }


def asking(title: str, label: str, custom_id: str) -> dict[str, Any]:
    """A modal with one long text, for what is easier written than put into an option."""
    return modal(Form(title, (FormField("text", label, kind="text"),)), custom_id)


def refilled(form: Form, typed: Mapping[str, str]) -> Form:
    """The form with what somebody typed into it before, but for secrets."""
    fields = (field if field.kind == "secret" else replace(field, value=typed.get(field.name, field.value)) for field in form.fields)
    return replace(form, fields=tuple(fields))


def _shown(form: Form) -> list[FormField]:
    """What is needed comes first; of the rest as much as there is room for, and the last line says that there is more."""
    if not form.fields:
        raise Rejected("This form asks nothing.")
    needed = [field for field in form.fields if field.required]
    if len(needed) > MOST_FIELDS:
        raise Rejected(f"This form has {len(needed)} questions; Discord can show {MOST_FIELDS}. Say it in words, or use the web page.")
    spare = MOST_FIELDS - len(needed)
    kept = {id(field) for field in [*needed, *[field for field in form.fields if not field.required][:spare]]}
    shown = [field for field in form.fields if id(field) in kept]
    if (left := len(form.fields) - len(shown)) > 0:
        more = f"{left} more can be changed on the web page or in words."
        shown[-1] = replace(shown[-1], help=f"{shortened(one_line(shown[-1].help), 40)} {more}".strip())
    return shown


def _names(fields: list[FormField]) -> list[str]:
    """Each field's own name where Discord can carry it, else its number."""
    names: list[str] = []
    for at, field in enumerate(fields):
        usable = 0 < units(field.name) <= 100 and clean(field.name) == field.name and field.name not in names
        names.append(field.name if usable else _unused(f"field-{at}", names))
    return names


def _unused(name: str, names: list[str]) -> str:
    return name if name not in names else _unused(f"{name}'", names)


def _question(field: FormField, name: str) -> dict[str, Any]:
    question: dict[str, Any] = {
        "type": _LABEL,
        "label": shortened(one_line(field.label) or one_line(field.name), 45) or "Text",
        "component": _choice(field, name) or _input(field, name),
    }
    if help := shortened(one_line(field.help), 100):
        question["description"] = help
    return question


def _input(field: FormField, name: str) -> dict[str, Any]:
    value = shortened(clean(field.value), MOST_TEXT)
    many = field.kind == "text" or "\n" in value
    shape = {
        "type": _TEXT_INPUT,
        "custom_id": name,
        "style": _PARAGRAPH if many else _SHORT,
        "required": field.required,
        "max_length": MOST_TEXT,
    }
    return shape | {"value": value} if value else shape


def _choice(field: FormField, name: str) -> dict[str, Any] | None:
    if field.kind != "choice":
        return None
    options: dict[str, dict[str, Any]] = {}
    for value, label in field.options:
        if value and units(value) <= 100 and clean(value) == value and value not in options:
            shown = {"label": shortened(one_line(label) or value, 100) or value, "value": value}
            options[value] = shown | {"default": True} if value == field.value else shown
    if not options:
        return None
    return {"type": _SELECT, "custom_id": name, "options": list(options.values())[:25], "required": field.required}
