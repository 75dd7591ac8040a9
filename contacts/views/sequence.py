"""The sequence: whether it is on, its steps, and how many are under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.forms.mailing import StepForm
from contacts.models import Delivery, Enrolment, Sequence, SequenceStep
from contacts.services.mailing import steps as sequence_steps
from contacts.services.mailing.broadcasts import BroadcastError, why_not_sendable
from contacts.views.mailing_preview import preview_of
from contacts.views.signed_in import person_of


@dataclass(slots=True)
class StepRow:
    """A step and how many deliveries of it stand how."""

    step: SequenceStep
    after: str
    counts: dict[str, int] = field(default_factory=dict)


@require_safe
def sequence(request: HttpRequest) -> HttpResponse:
    rows = {step.mailing_id: StepRow(step, _after(step.delay)) for step in sequence_steps.steps()}
    found = Delivery.objects.filter(mailing__in=rows).values_list("mailing", "status")
    for mailing, status, number in found.annotate(number=Count("pk")).order_by():
        rows[mailing].counts[status] = number
    people = Enrolment.objects.values_list("outcome").annotate(number=Count("pk"))
    context = {
        "sequence": Sequence.current(),
        "rows": list(rows.values()),
        "people": dict(people.order_by()),
        "why_not": why_not_sendable(),
        "tab": "sequence",
    }
    return render(request, "mailing/sequence.html", context)


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """`on=yes` switches the sequence on, anything else off."""
    on = request.POST.get("on") == "yes"
    try:
        sequence_steps.switch(on, by=person_of(request))
    except BroadcastError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The sequence is {'on' if on else 'off'}.")
    return redirect("sequence")


@require_http_methods(["GET", "HEAD", "POST"])
def step_new(request: HttpRequest) -> HttpResponse:
    form = StepForm(request.POST if request.method == "POST" else None)
    if "preview" not in request.POST and form.is_valid():
        sequence_steps.add_step(
            subject=form.cleaned_data["subject"],
            body=form.cleaned_data["body"],
            delay=form.delay,
            by=person_of(request),
            entered_as=form.cleaned_data["entered_as"],
        )
        messages.success(request, "The step was added.")
        return redirect("sequence")
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def step_edit(request: HttpRequest, pk: int) -> HttpResponse:
    step = _step(pk)
    initial = {
        "subject": step.mailing.subject,
        "body": step.mailing.body,
        **StepForm.initial_of(step.delay),
    }
    form = StepForm(request.POST if request.method == "POST" else None, initial=initial)
    if "preview" not in request.POST and form.is_valid():
        words = {name: form.cleaned_data[name] for name in ("subject", "body")}
        sequence_steps.change_step(step, **words, delay=form.delay)
        messages.success(request, "The step was saved. It counts for all who have not got it yet.")
        return redirect("sequence")
    return _form(request, form, step)


@require_http_methods(["GET", "HEAD", "POST"])
def step_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked about first."""
    step = _step(pk)
    if request.method == "POST":
        sequence_steps.remove_step(step)
        messages.success(request, "The step was removed.")
        return redirect("sequence")
    waiting = Delivery.objects.filter(mailing=step.mailing, status=Delivery.Status.WAITING).count()
    return render(request, "mailing/step_remove.html", {"step": step, "waiting": waiting})


def _step(pk: int) -> SequenceStep:
    live = SequenceStep.objects.filter(removed_at=None).select_related("mailing")
    return get_object_or_404(live, pk=pk)


def _form(request: HttpRequest, form: StepForm, step: SequenceStep | None) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "step": step,
        "preview": preview_of(str(form["subject"].value() or ""), str(form["body"].value() or "")),
    }
    return render(request, "mailing/step_form.html", context)


def _after(delay: timedelta) -> str:
    """`at once`, `after 3 days`."""
    shown = StepForm.initial_of(delay)
    if not shown["number"]:
        return "at once"
    unit = shown["unit"] if shown["number"] != 1 else shown["unit"].removesuffix("s")
    return f"after {shown['number']} {unit}"
