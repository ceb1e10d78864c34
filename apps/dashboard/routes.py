"""The API's route of health."""

from django.urls import path

from apps.dashboard.api.health import HealthView

routes = [
    path("health", HealthView.as_view()),
]
