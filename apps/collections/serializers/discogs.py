"""What the endpoints of links to Discogs take and what they answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import Text


class DiscogsCodeBody(serializers.Serializer[Any]):
    """Of ``/api/oauth/verify/discogs``."""

    state = Text(max_length=500)
    oauth_verifier = Text(max_length=500)


class AuthorizeSerializer(serializers.Serializer[Any]):
    """Where a user allows us in."""

    authorize_url = serializers.CharField()
    state = serializers.CharField(help_text="for /api/oauth/verify/discogs")
    expires_in = serializers.IntegerField(help_text="seconds")
    callback_mode = serializers.ChoiceField(choices=("oob", "callback"), help_text="oob: Discogs shows a code to copy")


class LinkedSerializer(serializers.Serializer[Any]):
    """A link that was made."""

    connected = serializers.BooleanField()
    discogs_username = serializers.CharField()
    discogs_user_id = serializers.CharField()


class DiscogsLinkSerializer(serializers.Serializer[Any]):
    """Whether there is a link, and to which account."""

    connected = serializers.BooleanField()
    discogs_username = serializers.CharField(allow_null=True, required=False)
    discogs_user_id = serializers.CharField(allow_null=True, required=False)
    connected_at = serializers.DateTimeField(required=False)


class RevokedSerializer(serializers.Serializer[Any]):
    """There is no link any more."""

    revoked = serializers.BooleanField()
