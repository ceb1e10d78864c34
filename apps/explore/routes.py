"""Routes of the endpoints over graph and catalogue."""

from django.urls import path

from apps.explore.api import artists, exploring, labels, musicbrainz, overviews, paths, records, searching, snapshots

# The addresses of before have the same endpoints: rest of the path, name in the schema.
ALIASES = (
    ("", "getMusicbrainzArtist", musicbrainz.MetadataView),
    ("/relationships", "listMusicbrainzArtistRelationships", musicbrainz.RelationshipsView),
    ("/external-links", "listMusicbrainzArtistLinks", musicbrainz.ExternalLinksView),
)

# A name in a path may have slashes in it, such as that of the genre Funk / Soul.
routes = [
    path("api/autocomplete", exploring.AutocompleteView.as_view()),
    path("api/explore", exploring.ExploreView.as_view()),
    path("api/explore/year-range", exploring.YearRangeView.as_view()),
    path("api/explore/genre-emergence", exploring.GenreEmergenceView.as_view()),
    path("api/expand", exploring.ExpandView.as_view()),
    path("api/expand/batch", exploring.ExpandBatchView.as_view()),
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
    path("api/snapshot/<str:token>", snapshots.SnapshotView.as_view()),
]
