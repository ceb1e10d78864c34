"""Who may log in, in the admin: users, groups, their second factors, and logins that failed."""

# ruff: noqa: ARG002 - Django chooses the arguments.

from __future__ import annotations

from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm

from apps.accounts.forms import UserChangeForm, UserCreationForm
from apps.accounts.models import Authenticator, User

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg] # Unfold has no types
    """Users, who are known by their email."""

    list_display = ("email", "is_staff", "is_superuser", "is_active", "created_at", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active", "groups")
    search_fields = ("email",)
    ordering = ("email",)
    readonly_fields = ("created_at", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("created_at", "last_login")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc] # Unfold has no types
    """Groups, in the look of the other pages."""


class ToBeForgottenAdmin(ModelAdmin):  # type: ignore[misc] # Unfold has no types
    """What can be looked at and deleted, not made or changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Authenticator)
class AuthenticatorAdmin(ToBeForgottenAdmin):
    """Second factors. Whoever may delete them can let somebody who lost a phone enrol another."""

    list_display = ("user", "confirmed", "failures", "locked_until")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    fields = ("user", "confirmed", "failures", "locked_until")


@admin.register(AccessAttempt)
class FailedLoginAdmin(ToBeForgottenAdmin):
    """Logins that failed lately. Whoever may delete them can unlock an account or an address."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time", "user_agent")
    search_fields = ("username", "ip_address")
    fields = ("username", "ip_address", "failures_since_start", "attempt_time", "user_agent", "path_info")
