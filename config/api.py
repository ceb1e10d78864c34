"""Routes of the REST API, exact and without a slash at the end; ``apps.api.middleware`` resolves them."""

from django.urls import path

from apps.accounts.views import account, admin, app_tokens, auth, second_factor
from apps.collections.api import collecting, discogs, exporting, figures, gaps, importing, recommending, sync, taste
from apps.credits.views import credits as credits_
from apps.dashboard.api import status
from apps.dashboard.api.health import HealthView
from apps.explore.api import (
    artists,
    expanding,
    exploring,
    labels,
    musicbrainz,
    overviews,
    paths,
    records,
    searching,
    snapshots,
)
from apps.insights.views import insights, internal, rarity
from apps.nlq.views import nlq
from apps.operations.api import extractions, findings, stores

# Second addresses of the same endpoints: rest of the path, name in the schema.
ALIASES = (
    ("", "getMusicbrainzArtist", musicbrainz.MetadataView),
    ("/relationships", "listMusicbrainzArtistRelationships", musicbrainz.RelationshipsView),
    ("/external-links", "listMusicbrainzArtistLinks", musicbrainz.ExternalLinksView),
)

ANALYSIS = "api/admin/extraction-analysis"

# A name in a path may have slashes in it, such as that of the genre Funk / Soul.
urlpatterns = [
    path("health", HealthView.as_view()),
    path("api/metrics", status.MetricsView.as_view()),
    path("api/services", status.ServicesView.as_view()),
    path("api/queues", status.QueuesView.as_view()),
    path("api/queue-prefixes", status.QueuePrefixesView.as_view()),
    path("api/databases", status.DatabasesView.as_view()),
    path("api/status/stream", status.StatusStreamView.as_view()),
    path("api/autocomplete", exploring.AutocompleteView.as_view()),
    path("api/explore", exploring.ExploreView.as_view()),
    path("api/explore/year-range", exploring.YearRangeView.as_view()),
    path("api/explore/genre-emergence", exploring.GenreEmergenceView.as_view()),
    path("api/expand", expanding.ExpandView.as_view()),
    path("api/expand/batch", expanding.ExpandBatchView.as_view()),
    path("api/links", exploring.LinksView.as_view()),
    path("api/node/<path:node_id>", exploring.NodeView.as_view()),
    path("api/trends", exploring.TrendsView.as_view()),
    path("api/search", searching.SearchView.as_view()),
    path("api/path", paths.PathView.as_view()),
    path("api/release/<str:release_id>", records.ReleaseView.as_view()),
    path("api/master/<str:master_id>", records.MasterView.as_view()),
    path("api/label/dna/compare", labels.CompareLabelsView.as_view()),
    path("api/label/<str:label_id>/dna", labels.LabelDnaView.as_view()),
    path("api/label/<str:label_id>/similar", labels.SimilarLabelsView.as_view()),
    path("api/recommend/similar/artist/<str:artist_id>", artists.SimilarArtistsView.as_view()),
    path("api/collaborators/<str:artist_id>", artists.CollaboratorsView.as_view()),
    path("api/network/artist/<str:artist_id>/collaborators", artists.NetworkView.as_view()),
    path("api/network/artist/<str:artist_id>/centrality", artists.CentralityView.as_view()),
    path("api/network/cluster/<str:artist_id>", artists.ClusterView.as_view()),
    path("api/genre-tree", overviews.GenreTreeView.as_view()),
    path("api/graph/stats", overviews.GraphStatsView.as_view()),
    path("api/artist/<str:artist_id>/musicbrainz", musicbrainz.MetadataView.as_view()),
    path("api/artist/<str:artist_id>/relationships", musicbrainz.RelationshipsView.as_view()),
    path("api/artist/<str:artist_id>/external-links", musicbrainz.ExternalLinksView.as_view()),
    *(
        path(f"api/musicbrainz/artist/<str:artist_id>{rest}", view.as_view(operation=operation))
        for rest, operation, view in ALIASES
    ),
    path("api/enrichment/status", musicbrainz.EnrichmentStatusView.as_view()),
    path("api/snapshot", snapshots.SaveSnapshotView.as_view()),
    path("api/snapshot/<str:token>", snapshots.SnapshotView.as_view()),
    # What may follow a name comes before the name alone.
    path("api/credits/person/<path:name>/timeline", credits_.PersonTimelineView.as_view()),
    path("api/credits/person/<path:name>/profile", credits_.PersonProfileView.as_view()),
    path("api/credits/person/<path:name>", credits_.PersonCreditsView.as_view()),
    path("api/credits/release/<str:release_id>", credits_.ReleaseCreditsView.as_view()),
    path("api/credits/role/<str:role>/top", credits_.RoleLeadersView.as_view()),
    path("api/credits/shared", credits_.SharedCreditsView.as_view()),
    path("api/credits/connections/<path:name>", credits_.ConnectionsView.as_view()),
    path("api/credits/autocomplete", credits_.PeopleAutocompleteView.as_view()),
    path("api/insights/top-artists", insights.TopArtistsView.as_view()),
    path("api/insights/genre-trends", insights.GenreTrendsView.as_view()),
    path("api/insights/label-longevity", insights.LabelLongevityView.as_view()),
    path("api/insights/this-month", insights.ThisMonthView.as_view()),
    path("api/insights/data-completeness", insights.DataCompletenessView.as_view()),
    path("api/insights/status", insights.InsightsStatusView.as_view()),
    path("api/insights/release-rarity", insights.RarestReleasesView.as_view()),
    path("api/internal/insights/artist-centrality", internal.ArtistCentralityView.as_view()),
    path("api/internal/insights/genre-trends", internal.GenreTrendsView.as_view()),
    path("api/internal/insights/label-longevity", internal.LabelLongevityView.as_view()),
    path("api/internal/insights/anniversaries", internal.AnniversariesView.as_view()),
    path("api/internal/insights/data-completeness", internal.DataCompletenessView.as_view()),
    path("api/internal/insights/rarity-scores", internal.RarityScoresView.as_view()),
    path("api/internal/insights/community-enrichment", internal.CommunityEnrichmentView.as_view()),
    # The words come before what would take them for the id of a release.
    path("api/rarity/leaderboard", rarity.LeaderboardView.as_view()),
    path("api/rarity/hidden-gems", rarity.HiddenGemsView.as_view()),
    path("api/rarity/artist/<str:artist_id>", rarity.ArtistRarityView.as_view()),
    path("api/rarity/label/<str:label_id>", rarity.LabelRarityView.as_view()),
    path("api/rarity/<str:release_id>", rarity.ReleaseBreakdownView.as_view()),
    path("api/nlq/suggestions", nlq.NlqSuggestionsView.as_view()),
    path("api/nlq/status", nlq.NlqStatusView.as_view()),
    path("api/nlq/query", nlq.NlqQueryView.as_view()),
    path("api/auth/register", auth.RegisterView.as_view()),
    path("api/auth/login", auth.LoginView.as_view()),
    path("api/auth/logout", auth.LogoutView.as_view()),
    path("api/auth/me", auth.MeView.as_view()),
    path("api/auth/reset-request", auth.ResetRequestView.as_view()),
    path("api/auth/reset-confirm", auth.ResetConfirmView.as_view()),
    path("api/auth/verify-email", auth.VerifyEmailView.as_view()),
    path("api/auth/change-password", auth.ChangePasswordView.as_view()),
    path("api/auth/2fa/setup", second_factor.SetUpView.as_view()),
    path("api/auth/2fa/confirm", second_factor.ConfirmView.as_view()),
    path("api/auth/2fa/verify", second_factor.VerifyView.as_view()),
    path("api/auth/2fa/recovery", second_factor.RecoveryView.as_view()),
    path("api/auth/2fa/disable", second_factor.DisableView.as_view()),
    path("api/auth/2fa/recovery-codes", second_factor.RecoveryCodesView.as_view()),
    path("api/admin/auth/login", admin.AdminLoginView.as_view()),
    path("api/admin/auth/logout", admin.AdminLogoutView.as_view()),
    path("api/admin/audit-log", admin.AuditLogView.as_view()),
    path("api/user/app-tokens", app_tokens.AppTokensView.as_view()),
    path("api/user/app-tokens/<str:token_id>", app_tokens.RevokeAppTokenView.as_view()),
    path("api/user/sessions", account.SessionsView.as_view()),
    path("api/user/sessions/<str:session_id>", account.EndSessionView.as_view()),
    path("api/user/export", account.ExportView.as_view()),
    path("api/user/delete", account.DeleteAccountView.as_view()),
    path("api/user/status", collecting.UserStatusView.as_view()),
    path("api/user/collection", collecting.CollectionView.as_view()),
    *(
        path(f"api/user/{name}/export.{ending}", exporting.ExportView.as_view(name=name, **more))
        for name, ending, more in exporting.ADDRESSES
    ),
    path("api/user/collection/import", importing.ImportView.as_view()),
    path("api/user/collection/stats", collecting.StatisticsView.as_view()),
    path("api/user/collection/timeline", collecting.TimelineView.as_view()),
    path("api/user/collection/evolution", collecting.EvolutionView.as_view()),
    path("api/user/wantlist", collecting.WantlistView.as_view()),
    path("api/user/recommendations", recommending.RecommendationsView.as_view()),
    path("api/user/recommendations/dismissed/<str:release_id>", recommending.DismissalView.as_view()),
    path("api/user/taste/heatmap", taste.HeatmapView.as_view()),
    path("api/user/taste/fingerprint", taste.FingerprintView.as_view()),
    path("api/user/taste/blindspots", taste.BlindSpotsView.as_view()),
    path("api/user/taste/card", taste.CardView.as_view()),
    path("api/oauth/authorize/discogs", discogs.AuthorizeView.as_view()),
    path("api/oauth/verify/discogs", discogs.VerifyView.as_view()),
    path("api/oauth/status/discogs", discogs.LinkStatusView.as_view()),
    path("api/oauth/revoke/discogs", discogs.RevokeView.as_view()),
    path("api/sync", sync.StartSyncView.as_view()),
    path("api/sync/status", sync.SyncsView.as_view()),
    path("api/sync/schedule", sync.ScheduleAddress.as_view()),
    path("api/sync/<str:sync_id>", sync.SyncAddress.as_view()),
    path("api/sync/<str:sync_id>/events", sync.SyncEventsView.as_view()),
    path("api/collection/formats", collecting.FormatsView.as_view()),
    *(
        path(f"api/collection/gaps/{kind}/<str:entity_id>", gaps.GapsView.as_view(kind=kind, operation=operation))
        for kind, operation in gaps.OPERATIONS.items()
    ),
    *(
        path(f"api/collection/gaps/{kind}/<str:entity_id>/export.{ending}", gaps.GapsFileView.as_view(**more))
        for kind, ending, more in gaps.FILES
    ),
    path("api/recommend/explore/<str:entity_type>/<path:entity_id>", recommending.ExploreFromView.as_view()),
    # The word comes before what would take it for an id.
    path("api/admin/extractions/trigger", extractions.TriggerView.as_view()),
    path("api/admin/extractions/<str:extraction_id>", extractions.ExtractionView.as_view()),
    path("api/admin/extractions", extractions.ExtractionsView.as_view()),
    path("api/admin/dlq/purge/<str:queue>", extractions.PurgeDeadLettersView.as_view()),
    path("api/admin/users/stats", figures.UserFiguresView.as_view()),
    path("api/admin/users/sync-activity", figures.SyncFiguresView.as_view()),
    path("api/admin/storage", stores.StorageView.as_view()),
    path("api/admin/queues/history", stores.QueueHistoryView.as_view()),
    path("api/admin/health/history", stores.HealthHistoryView.as_view()),
    path(f"{ANALYSIS}/versions", findings.VersionsView.as_view()),
    path(f"{ANALYSIS}/<str:version>/summary", findings.SummaryView.as_view()),
    path(f"{ANALYSIS}/<str:version>/skipped", findings.SkippedView.as_view()),
    path(f"{ANALYSIS}/<str:version>/violations", findings.ViolationsView.as_view()),
    path(f"{ANALYSIS}/<str:version>/violations/<str:record_id>", findings.RecordView.as_view()),
    path(f"{ANALYSIS}/<str:version>/parsing-errors", findings.ParsingErrorsView.as_view()),
    path(f"{ANALYSIS}/<str:version>/compare/<str:other_version>", findings.CompareVersionsView.as_view()),
    path(f"{ANALYSIS}/<str:version>/prompt-context", findings.PromptContextView.as_view()),
    path(f"{ANALYSIS}/<str:version>/generate-ai-prompt", findings.AiPromptView.as_view()),
]
