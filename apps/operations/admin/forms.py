"""The forms of the admin: start a run, choose dead letters to replay, choose versions to compare."""

from __future__ import annotations

from dataclasses import fields
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

from apps.ingest import ledger
from apps.ingest.chunks import quality
from apps.ingest.models import RecordType, Run, Source
from apps.ingest.runs import dead_letters
from apps.ingest.runs.starting import Options
from apps.ingest.sources.registry import DUMPS

PURGE = "purge"
ANY = ("", "any")
STORES = (("tables", "Tables (PostgreSQL)"), ("graph", "Graph (Neo4j)"))


class StartForm(forms.Form):
    """The options of a run, and the folder of its dump files if they are not to be downloaded."""

    source = forms.ChoiceField(choices=Source.choices, widget=UnfoldAdminSelectWidget())
    folder = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Folder with the dump files, as the workers see it; empty: they are downloaded",
    )
    version = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        validators=[
            RegexValidator(
                r"\A\d{8}(-\d{6})?\Z", "A version is eight digits, such as 20260801, of MusicBrainz and six more"
            )
        ],
        help_text="YYYYMMDD, of MusicBrainz YYYYMMDD-HHMMSS; empty: the newest",
    )
    types = forms.MultipleChoiceField(
        choices=RecordType.choices,
        initial=RecordType.values,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="Those that the source has: masters are of Discogs, release groups of MusicBrainz",
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
    graph = forms.ChoiceField(
        label="Load of the graph",
        required=False,
        choices=(
            ("", "What suits the dump"),
            ("bolt", "Over Bolt"),
            ("bulk", "By Neo4j's offline import, into an empty graph"),
        ),
        widget=UnfoldAdminSelectWidget(),
    )
    confirm_purge = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="Delete what the dump no longer has, even where the guards would veto it",
    )
    now = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="MusicBrainz: do not wait for the run of Discogs to end",
    )
    typed = forms.CharField(
        label="Confirmation",
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=f"With confirm purge, type {PURGE}: the deleted records come back only with a dump that has them",
    )

    def clean(self) -> None:
        """Require the typed confirmation for lifting the purge's guards, and at least one type of the source."""
        if self.cleaned_data.get("confirm_purge") and self.cleaned_data.get("typed") != PURGE:
            self.add_error("typed", f"Type {PURGE} to confirm that records may be deleted")
        if "types" in self.cleaned_data and "source" in self.cleaned_data and not self.get_types():
            self.add_error("types", f"Choose some of {', '.join(DUMPS[self.cleaned_data['source']].types)}")

    def get_types(self) -> list[str]:
        """Return the chosen types that the source has."""
        return [each for each in DUMPS[self.cleaned_data["source"]].types if each in self.cleaned_data["types"]]

    def options(self) -> Options:
        """Return the options of the run."""
        # By the fields of ``Options``: an option that the form forgot raises here and not later as a silent default.
        given = {field.name: self.cleaned_data[field.name] for field in fields(Options)}
        return Options(**{**given, "types": self.get_types(), "version": given["version"] or None})

    def dump_folder(self) -> Path | None:
        """Return the folder of the dump files, or None if they are to be downloaded."""
        return Path(self.cleaned_data["folder"]) if self.cleaned_data["folder"] else None


class ReplayForm(forms.Form):
    """Chooses dead letters to replay, by run, type or stage. At least one must be chosen."""

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
        waiting = dead_letters.find_waiting().order_by().values("run")
        self.fields["run"].queryset = Run.objects.filter(pk__in=waiting).order_by("-pk")  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Require at least one choice."""
        if not any(self.cleaned_data.values()) and not self.errors:
            raise forms.ValidationError("Choose a run, a type or a stage")

    def choice(self) -> dict[str, Any]:
        """Return the cleaned fields as the arguments of ``dead_letters.find_waiting``."""
        run = self.cleaned_data["run"]
        return {**self.cleaned_data, "run": run.pk if run else None}


class CompareForm(forms.Form):
    """Chooses two versions to compare. Its fields are the arguments of ``quality.compare``."""

    before = forms.ChoiceField(label="Before", widget=UnfoldAdminSelectWidget())
    after = forms.ChoiceField(label="After", widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = {source: quality.list_versions(source) for source in Source.values}
        choices = [(each, f"{source} {each}") for source, of_source in versions.items() for each in of_source]
        # Only versions of one source can be compared, so a source with two versions gives the initial values.
        newest = max(versions.values(), key=lambda each: len(each[:2]))
        for name, initial in (("before", newest[1:2]), ("after", newest[:1])):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            self.fields[name].initial = initial[0] if initial else None
