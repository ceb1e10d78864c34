"""What the endpoints of whole records answer: a text that a record lacks is null, a list is empty."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


def words() -> serializers.CharField:
    """Return the field of a text that may be missing."""
    return serializers.CharField(allow_null=True, allow_blank=True)


class NamedArtistSerializer(serializers.Serializer[Any]):
    """An artist as a record names it; ``anv`` is how it is spelled there, ``join`` what stands before the next one."""

    id = words()
    name = words()
    anv = words()
    join = words()
    role = words()
    tracks = words()


class ImprintSerializer(serializers.Serializer[Any]):
    """A label or a series with the catalogue number."""

    id = words()
    name = words()
    catno = words()


class CompanySerializer(ImprintSerializer):
    """A company and what it did."""

    entity_type = words()
    entity_type_name = words()


class FormatSerializer(serializers.Serializer[Any]):
    """On what a release came."""

    name = words()
    qty = words()
    text = words()
    descriptions = serializers.ListField(child=serializers.CharField())


class PartSerializer(serializers.Serializer[Any]):
    """A track within a track."""

    position = words()
    title = words()
    duration = words()
    artists = NamedArtistSerializer(many=True)
    extraartists = NamedArtistSerializer(many=True)


class TrackSerializer(PartSerializer):
    """A track, or the heading of some: then it has no position."""

    sub_tracks = PartSerializer(many=True)


class IdentifierSerializer(serializers.Serializer[Any]):
    """A barcode, what is engraved in the record, and the like."""

    type = words()
    description = words()
    value = words()


class VideoSerializer(serializers.Serializer[Any]):
    """A video about a record."""

    src = words()
    duration = words()
    title = words()
    description = words()


class WholeMasterSerializer(serializers.Serializer[Any]):
    """A master."""

    id = words()
    title = words()
    year = serializers.IntegerField(allow_null=True)
    main_release = words()
    data_quality = words()
    notes = words()
    genres = serializers.ListField(child=serializers.CharField())
    styles = serializers.ListField(child=serializers.CharField())
    artists = NamedArtistSerializer(many=True)
    videos = VideoSerializer(many=True)


class WholeReleaseSerializer(serializers.Serializer[Any]):
    """A release; ``released`` is what the dump says of its day, ``year`` is derived from that."""

    id = words()
    title = words()
    year = serializers.IntegerField(allow_null=True)
    released = words()
    country = words()
    status = words()
    data_quality = words()
    notes = words()
    master_id = words()
    is_main_release = serializers.BooleanField()
    genres = serializers.ListField(child=serializers.CharField())
    styles = serializers.ListField(child=serializers.CharField())
    artists = NamedArtistSerializer(many=True)
    extraartists = NamedArtistSerializer(many=True)
    labels = ImprintSerializer(many=True)
    series = ImprintSerializer(many=True)
    formats = FormatSerializer(many=True)
    tracklist = TrackSerializer(many=True)
    identifiers = IdentifierSerializer(many=True)
    companies = CompanySerializer(many=True)
    videos = VideoSerializer(many=True)
