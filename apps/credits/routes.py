"""Routes of the endpoints over credits."""

from django.urls import path

from apps.credits.views import credits as views

# A name may have slashes in it; what may follow one comes before the name alone.
routes = [
    path("api/credits/person/<path:name>/timeline", views.PersonTimelineView.as_view()),
    path("api/credits/person/<path:name>/profile", views.PersonProfileView.as_view()),
    path("api/credits/person/<path:name>", views.PersonCreditsView.as_view()),
    path("api/credits/release/<str:release_id>", views.ReleaseCreditsView.as_view()),
    path("api/credits/role/<str:role>/top", views.RoleLeadersView.as_view()),
    path("api/credits/shared", views.SharedCreditsView.as_view()),
    path("api/credits/connections/<path:name>", views.ConnectionsView.as_view()),
    path("api/credits/autocomplete", views.PeopleAutocompleteView.as_view()),
]
