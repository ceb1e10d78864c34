"""The form of the second step of logging in."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator
from unfold.widgets import UnfoldAdminTextInputWidget

# What phones and browsers need to offer the code, and a keyboard of digits.
CODE_INPUT = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "maxlength": 6}


class CodeForm(forms.Form):
    """A code of the phone."""

    code = forms.CharField(
        label="Code of your phone",
        widget=UnfoldAdminTextInputWidget(attrs=CODE_INPUT),
        validators=[RegexValidator(r"\A[0-9]{6}\Z", "A code has six digits")],
    )
