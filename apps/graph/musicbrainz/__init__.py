"""What MusicBrainz adds to the graph (docs/contract/data.md#enrichment, docs/contract/musicbrainz.md)."""
