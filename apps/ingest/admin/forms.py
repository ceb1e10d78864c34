"""The forms of the admin: starting a run, choosing dead letters to replay, choosing versions to compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.ingest import dead_letters, ledger, quality
from apps.ingest.models import RecordType, Run

PURGE = "purge"
ANY = ("", "any")
STORES = (("tables", "Tables (PostgreSQL)"), ("graph", "Graph (Neo4j)"))


class StartForm(forms.Form):
    """What ``runs.start`` takes, or without a folder ``published.start``."""

    folder = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Folder with the dump files, as the workers see it; empty: they are downloaded",
    )
    version = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        validators=[RegexValidator(r"\A\d{8}\Z", "A version is eight digits, such as 20260801")],
        help_text="YYYYMMDD; empty: the newest",
    )
    types = forms.MultipleChoiceField(
        choices=RecordType.choices, initial=RecordType.values, widget=UnfoldAdminCheckboxSelectMultipleWidget()
    )
    stores = forms.MultipleChoiceField(
        choices=STORES, initial=[name for name, _ in STORES], widget=UnfoldAdminCheckboxSelectMultipleWidget()
    )
    force = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="Load a version again that is loaded, or one that is older than what is loaded",
    )
    rewrite = forms.BooleanField(
        required=False, widget=UnfoldBooleanSwitchWidget(), help_text="Write every record anew, equal or not"
    )
    confirm_purge = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="Delete what the dump no longer has, even where the guards would veto it",
    )
    typed = forms.CharField(
        label="Confirmation",
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=f"With confirm purge, type {PURGE}: the deleted records come back only with a dump that has them",
    )

    def clean(self) -> None:
        """Refuse to lift the guards of the purge by a slip of the mouse."""
        if self.cleaned_data.get("confirm_purge") and self.cleaned_data.get("typed") != PURGE:
            self.add_error("typed", f"Type {PURGE} to confirm that records may be deleted")

    def options(self) -> dict[str, Any]:
        """Return the cleaned fields as the arguments of ``runs.start``."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "typed"}
        folder = Path(given["folder"]) if given["folder"] else None
        return {**given, "folder": folder, "version": given["version"] or None}


class ReplayForm(forms.Form):
    """Which dead letters to replay: of a run, a type, a stage, or of all three; not simply all."""

    run = forms.ModelChoiceField(
        queryset=Run.objects.none(), required=False, empty_label="any", widget=UnfoldAdminSelectWidget()
    )
    record_type = forms.ChoiceField(
        label="Type", required=False, choices=(ANY, *RecordType.choices), widget=UnfoldAdminSelectWidget()
    )
    stage = forms.ChoiceField(
        required=False, choices=(ANY, *((stage, stage) for stage in ledger.MARKS)), widget=UnfoldAdminSelectWidget()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = dead_letters.waiting().order_by().values("run")
        self.fields["run"].queryset = Run.objects.filter(pk__in=waiting).order_by("-pk")  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Ask for one choice at least."""
        if not any(self.cleaned_data.values()) and not self.errors:
            raise forms.ValidationError("Choose a run, a type or a stage")

    def choice(self) -> dict[str, Any]:
        """Return the cleaned fields as the arguments of ``dead_letters.waiting``."""
        run = self.cleaned_data["run"]
        return {**self.cleaned_data, "run": run.pk if run else None}


class CompareForm(forms.Form):
    """Which versions to compare: the arguments of ``quality.compare``."""

    before = forms.ChoiceField(label="Before", widget=UnfoldAdminSelectWidget())
    after = forms.ChoiceField(label="After", widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = quality.versions()
        for name, initial in (("before", versions[1:2]), ("after", versions[:1])):
            self.fields[name].choices = [(version, version) for version in versions]  # type: ignore[attr-defined]
            self.fields[name].initial = initial[0] if initial else None
