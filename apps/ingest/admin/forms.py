"""The form that starts a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.ingest.models import RecordType

STORES = (("tables", "Tables (PostgreSQL)"), ("graph", "Graph (Neo4j)"))


class StartForm(forms.Form):
    """What ``runs.start`` takes."""

    folder = forms.CharField(
        widget=UnfoldAdminTextInputWidget(), help_text="Folder with the dump files, as the workers see it"
    )
    version = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        validators=[RegexValidator(r"\A\d{8}\Z", "A version is eight digits, such as 20260801")],
        help_text="YYYYMMDD; empty: the newest version in the folder",
    )
    types = forms.MultipleChoiceField(
        choices=RecordType.choices, initial=RecordType.values, widget=UnfoldAdminCheckboxSelectMultipleWidget()
    )
    stores = forms.MultipleChoiceField(
        choices=STORES, initial=[name for name, _ in STORES], widget=UnfoldAdminCheckboxSelectMultipleWidget()
    )
    force = forms.BooleanField(
        required=False, widget=UnfoldBooleanSwitchWidget(), help_text="Load a version that is older than what is loaded"
    )
    rewrite = forms.BooleanField(
        required=False, widget=UnfoldBooleanSwitchWidget(), help_text="Write every record anew, equal or not"
    )
    confirm_purge = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="Delete what the dump no longer has, even where the guards would veto it",
    )

    def options(self) -> dict[str, Any]:
        """Return the cleaned fields as the arguments of ``runs.start``."""
        given = self.cleaned_data
        return {**given, "folder": Path(given["folder"]), "version": given["version"] or None}
