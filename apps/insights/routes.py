"""Routes of the endpoints over insights."""

from django.urls import path

from apps.insights.views import insights, rarity

routes = [
    path("api/insights/top-artists", insights.TopArtistsView.as_view()),
    path("api/insights/genre-trends", insights.GenreTrendsView.as_view()),
    path("api/insights/label-longevity", insights.LabelLongevityView.as_view()),
    path("api/insights/this-month", insights.ThisMonthView.as_view()),
    path("api/insights/data-completeness", insights.DataCompletenessView.as_view()),
    path("api/insights/status", insights.InsightsStatusView.as_view()),
    path("api/insights/release-rarity", insights.RarestReleasesView.as_view()),
    # The words come before what would take them for the id of a release.
    path("api/rarity/leaderboard", rarity.LeaderboardView.as_view()),
    path("api/rarity/hidden-gems", rarity.HiddenGemsView.as_view()),
    path("api/rarity/artist/<str:artist_id>", rarity.ArtistRarityView.as_view()),
    path("api/rarity/label/<str:label_id>", rarity.LabelRarityView.as_view()),
    path("api/rarity/<str:release_id>", rarity.ReleaseBreakdownView.as_view()),
]
