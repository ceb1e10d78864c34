"""Routes of questions in plain words."""

from django.urls import path

from apps.nlq.views import nlq as views

routes = [
    path("api/nlq/suggestions", views.NlqSuggestionsView.as_view()),
    path("api/nlq/status", views.NlqStatusView.as_view()),
    path("api/nlq/query", views.NlqQueryView.as_view()),
]
