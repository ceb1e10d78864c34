"""The tables of MusicBrainz: their loading, and the deletion of entities that a dump no longer has."""
