"""Routes of what the API says to and of its users."""

from django.urls import path

from apps.accounts.views import statuses as views

routes = [
    path("api/user/status", views.UserStatusView.as_view()),
]
