"""MusicBrainz' JSON lines: cutting and extracting entities."""
