"""The admin's site, with a second factor: staff also give a code of their phone (``STAFF_TWO_FACTOR``)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from unfold.sites import UnfoldAdminSite

from apps.accounts import audit, two_factor
from apps.accounts.forms import CodeForm

WRONG = "This code is wrong or was taken before. After five wrong ones, none is taken for 15 minutes"


class StaffSite(UnfoldAdminSite):  # type: ignore[misc] # Unfold has no types
    """The admin, whose login has two steps."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page of the second step."""
        return [path("two-factor/", self.ask_for_code, name="two_factor"), *super().get_urls()]

    def has_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user is staff and passed the second factor."""
        return bool(super().has_permission(request)) and two_factor.is_passed(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask for email and password; a user who gave them goes on to the second step."""
        if request.method == "GET" and super().has_permission(request) and not two_factor.is_passed(request):
            return HttpResponseRedirect(f"{reverse('admin:two_factor')}?{request.GET.urlencode()}")
        response: HttpResponse = super().login(request, extra_context)
        return response

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Set one's own password, which ends all logins, this one too."""
        response: HttpResponse = super().password_change(request, extra_context)
        if isinstance(response, HttpResponseRedirect):
            audit.record("password.change", actor=request.user.pk, request=request)
        return response

    @method_decorator((never_cache, sensitive_post_parameters("code")))
    def ask_for_code(self, request: HttpRequest) -> HttpResponse:
        """Ask for a code; show the QR code as long as no phone is confirmed."""
        if not super().has_permission(request):
            return HttpResponseRedirect(reverse("admin:login"))
        if "leave" in request.POST:
            logout(request)
            return HttpResponseRedirect(reverse("admin:login"))
        form = CodeForm(request.POST or None)
        is_asked = not two_factor.is_passed(request)
        if is_asked and form.is_valid() and not two_factor.verify_code(request, form.cleaned_data["code"]):
            form.add_error("code", WRONG)
        if two_factor.is_passed(request):
            return HttpResponseRedirect(get_next_page(request))
        device = two_factor.get_authenticator(request)
        context = {**self.each_context(request), "title": "Second step", "form": form, "device": device}
        if not device.confirmed:
            context |= {"qr_code": two_factor.draw_qr_code(device), "typed": two_factor.format_secret(device)}
        return TemplateResponse(request, "accounts/two_factor.html", context)


def get_next_page(request: HttpRequest) -> str:
    """Return the page that the user requested before the login, if it is on this site; else the index."""
    page = request.GET.get(REDIRECT_FIELD_NAME, "")
    is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if is_ours else reverse("admin:index")
