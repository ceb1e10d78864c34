"""Forms of the admin: creating and changing users, and the code of the second factor."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.core.validators import RegexValidator
from unfold import forms as unfold_forms
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from apps.accounts.models import User

# What phones and browsers need to offer the code, and a keyboard of digits.
CODE_INPUT = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "maxlength": 6}


class CodeForm(forms.Form):
    """A code of the phone."""

    code = forms.CharField(
        label="Code of your phone",
        widget=UnfoldAdminTextInputWidget(attrs=CODE_INPUT),
        validators=[RegexValidator(r"\A[0-9]{6}\Z", "A code has six digits")],
    )


class UserCreationForm(unfold_forms.UserCreationForm):  # type: ignore[misc] # Unfold has no types
    """A new user: email and password."""

    class Meta:
        model = User
        fields = ("email",)
        widgets: ClassVar = {"email": UnfoldAdminEmailInputWidget}


class UserChangeForm(unfold_forms.UserChangeForm):  # type: ignore[misc] # Unfold has no types
    """A user as staff change it."""

    class Meta:
        model = User
        fields = "__all__"
