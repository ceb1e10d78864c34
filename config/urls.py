"""The URLs of the site: pages, health and the admin."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView

# Called here and not when Django starts: workers and commands do not need the admin, nor its memory.
admin.autodiscover()

handler400 = "apps.dashboard.error_pages.answer_bad_request"
handler403 = "apps.dashboard.error_pages.answer_forbidden"
handler404 = "apps.dashboard.error_pages.answer_not_found"
handler500 = "apps.dashboard.error_pages.answer_failure"

urlpatterns = [
    path(f"{settings.ADMIN_PATH}/figures/", include("apps.operations.admin.figures")),
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    path("", include("apps.explore.pages.urls")),
    path("", include("apps.dashboard.urls")),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("docs", SpectacularSwaggerView.as_view(url_name="openapi"), name="docs"),
]
