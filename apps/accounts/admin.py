"""Who may log in, in the admin: users, groups, their second factors, and logins that failed."""

# ruff: noqa: ARG002 - Django chooses the arguments.

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm

from apps.accounts import audit, belongings
from apps.accounts.forms import UserChangeForm, UserCreationForm
from apps.accounts.models import AppToken, AuditEvent, Authenticator, Login, User

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

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show or change a user, and note who did."""
        done = "admin.change" if request.method == "POST" else "admin.read"
        audit.record(done, actor=request.user.pk, target=f"user {object_id}", request=request)
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return response

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Set the password of a user, and note who did."""
        if request.method == "POST":
            audit.record("admin.password", actor=request.user.pk, target=f"user {id}", request=request)
        response: HttpResponse = super().user_change_password(request, id, form_url)
        return response

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what goes with users. Their logins do too, though nobody deletes those alone."""
        found, counts, needed, protected = super().get_deleted_objects(objs, request)
        return found, counts, needed - {Login._meta.verbose_name}, protected  # noqa: SLF001

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete a user with all that belongs to them."""
        belongings.delete_account(obj, by=request.user.pk, request=request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Delete users with all that belongs to them."""
        for user in queryset:
            self.delete_model(request, user)


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


@admin.register(Login)
class LoginAdmin(ToBeForgottenAdmin):
    """Logins. Who must be logged out at once is deactivated, or gets another password."""

    list_display = ("user", "kind", "begun_at", "expires_at", "ended", "device", "address")
    list_filter = ("kind", "ended")
    list_select_related = ("user",)
    search_fields = ("user__email", "address")
    fields = list_display

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(AppToken)
class AppTokenAdmin(ToBeForgottenAdmin):
    """Tokens of apps, without what would open anything. A deleted one opens nothing any more."""

    list_display = ("name", "user", "scopes", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__email")
    fields = list_display


@admin.register(AuditEvent)
class AuditEventAdmin(ToBeForgottenAdmin):
    """The audit log, which nobody changes."""

    list_display = ("at", "action", "actor_id", "target", "details", "address")
    list_filter = ("action",)
    search_fields = ("action", "target", "actor_id")
    fields = list_display
    date_hierarchy = "at"

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(AccessAttempt)
class FailedLoginAdmin(ToBeForgottenAdmin):
    """Logins that failed lately. Whoever may delete them can unlock an account or an address."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time", "user_agent")
    search_fields = ("username", "ip_address")
    fields = ("username", "ip_address", "failures_since_start", "attempt_time", "user_agent", "path_info")
