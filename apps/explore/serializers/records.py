"""Answers of the endpoints of whole records. A missing text is null, a missing list is empty."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


def make_text_field() -> serializers.CharField:
    """Return the field of a text that may be missing."""
    return serializers.CharField(allow_null=True, allow_blank=True)


class NamedArtistSerializer(serializers.Serializer[Any]):
    """An artist as a record names it. ``anv`` is its spelling there, ``join`` the word before the next artist."""

    id = make_text_field()
    name = make_text_field()
    anv = make_text_field()
    join = make_text_field()
    role = make_text_field()
    tracks = make_text_field()


class ImprintSerializer(serializers.Serializer[Any]):
    """A label or a series with the catalogue number."""

    id = make_text_field()
    name = make_text_field()
    catno = make_text_field()


class CompanySerializer(ImprintSerializer):
    """A company and what it did."""

    entity_type = make_text_field()
    entity_type_name = make_text_field()


class FormatSerializer(serializers.Serializer[Any]):
    """A format of a release."""

    name = make_text_field()
    qty = make_text_field()
    text = make_text_field()
    descriptions = serializers.ListField(child=serializers.CharField())


class PartSerializer(serializers.Serializer[Any]):
    """A track within a track."""

    position = make_text_field()
    title = make_text_field()
    duration = make_text_field()
    artists = NamedArtistSerializer(many=True)
    extraartists = NamedArtistSerializer(many=True)


class TrackSerializer(PartSerializer):
    """A track, or a heading of tracks, which has no position."""

    sub_tracks = PartSerializer(many=True)


class IdentifierSerializer(serializers.Serializer[Any]):
    """An identifier, such as a barcode or a matrix number."""

    type = make_text_field()
    description = make_text_field()
    value = make_text_field()


class VideoSerializer(serializers.Serializer[Any]):
    """A video about a record."""

    src = make_text_field()
    duration = make_text_field()
    title = make_text_field()
    description = make_text_field()


class WholeMasterSerializer(serializers.Serializer[Any]):
    """A master."""

    id = make_text_field()
    title = make_text_field()
    year = serializers.IntegerField(allow_null=True)
    main_release = make_text_field()
    data_quality = make_text_field()
    notes = make_text_field()
    genres = serializers.ListField(child=serializers.CharField())
    styles = serializers.ListField(child=serializers.CharField())
    artists = NamedArtistSerializer(many=True)
    videos = VideoSerializer(many=True)


class WholeReleaseSerializer(serializers.Serializer[Any]):
    """A release. ``released`` is the date as the dump has it; ``year`` is derived from it."""

    id = make_text_field()
    title = make_text_field()
    year = serializers.IntegerField(allow_null=True)
    released = make_text_field()
    country = make_text_field()
    status = make_text_field()
    data_quality = make_text_field()
    notes = make_text_field()
    master_id = make_text_field()
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
