"""MusicBrainz' JSON Lines: splitting files and extracting entities."""
