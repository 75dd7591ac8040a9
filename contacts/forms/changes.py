"""Forms that save only what a person changed, with QuickBooks' limits said in words."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.functional import cached_property

_CONTROLS = re.compile(r"[\x01-\x1f\x7f]+")


def _one_line(text: str) -> str:
    return _CONTROLS.sub(" ", text)


class OneLine(forms.CharField):
    """A single line of at most `longest` characters; pasted line breaks and tabs become blanks."""

    def __init__(self, *, label: str, longest: int, required: bool = False, **kwargs: Any) -> None:
        super().__init__(label=label, required=required, **kwargs)
        self.error_messages["required"] = f"{label} cannot be empty."
        self.validators.append(AtMost(longest, label))

    def to_python(self, value: Any) -> str:
        return _one_line(super().to_python(value) or "").strip()

    def prepare_value(self, value: Any) -> Any:
        # A text input drops line breaks without a trace; shown as blanks they are nobody's edit.
        return _one_line(value) if isinstance(value, str) else value


class ManyLines(forms.CharField):
    """Text of at most `longest` characters; a browser's line ends are stored as plain ones."""

    widget = forms.Textarea

    def __init__(self, *, label: str, longest: int, **kwargs: Any) -> None:
        super().__init__(label=label, required=False, **kwargs)
        self.validators.append(AtMost(longest, label))

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")


class AtMost:
    """Refuses more than `longest` characters in a sentence that says how many are too many."""

    def __init__(self, longest: int, label: str) -> None:
        self.longest = longest
        self.label = label

    def __call__(self, value: str) -> None:
        if len(value) > self.longest:
            raise forms.ValidationError(
                f"{self.label} can have at most {self.longest:,} characters in QuickBooks; "
                f"this has {len(value):,}.",
                code="max_length",
            )


class ChangesForm(forms.Form):
    """A form over a record that carries the version it was opened on (R10).

    Every field sends its first value along. `changes` holds what the person changed since, so
    what a sync wrote meanwhile stays; a field nobody touched is never refused, whatever it holds.
    `record` is None when a new one is made; else anything with an attribute for every field.
    """

    def __init__(self, *args: Any, record: Any = None, **kwargs: Any) -> None:
        if record is not None:
            kwargs["initial"] = {
                name: getattr(record, name) for name in self.base_fields
            } | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.record: Any = record
        for field in self.fields.values():
            field.show_hidden_initial = record is not None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.record is not None:
            for name in set(self.errors) - set(self.changed_data):
                del self.errors[name]
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        """The values of the fields that the person changed. Only after `is_valid()`."""
        names = self.fields if self.record is None else self.changed_data
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}

    def outcome(self, changed: frozenset[str]) -> str:
        """What to tell the person who saved: also what was replaced without having been seen."""
        labels = [str(self.fields[name].label) for name in self.fields if name in changed]
        if not labels:
            return "Nothing was changed."
        unseen = [label for label in labels if label in self.changed_meanwhile]
        saved = f"Saved: {', '.join(labels)}."
        if not unseen:
            return saved
        return (
            f"{saved} {', '.join(unseen)} had been changed by someone else while you were editing; "
            "the history keeps that value and can bring it back."
        )

    @cached_property
    def changed_meanwhile(self) -> list[str]:
        """Labels of the fields whose stored value is no longer the one the form was opened on."""
        return [
            str(field.label)
            for name, field in self.fields.items()
            if self.record is not None
            and self.add_initial_prefix(name) in self.data
            and field.has_changed(
                field.to_python(getattr(self.record, name)),
                self.data[self.add_initial_prefix(name)],
            )
        ]
