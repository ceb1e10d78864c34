"""Parameters and answers of the endpoints of credits."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import Integer, Text
from apps.graph.readers.credits import LEADERS

CATEGORIES = tuple(LEADERS)


class RolePath(serializers.Serializer[Any]):
    """Parameters of ``/api/credits/role/{role}/top``."""

    role = Text(choices=CATEGORIES, help_text="a category of roles")


class LeadersQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/credits/role/{role}/top``."""

    limit = Integer(default=20, min_value=1, max_value=100)


class SharedQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/credits/shared``."""

    person1 = Text(help_text="exact name")
    person2 = Text(help_text="exact name")


class ConnectionsQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/credits/connections/{name}``."""

    depth = Integer(default=2, min_value=1, max_value=3, help_text="changes nothing")
    limit = Integer(default=50, min_value=1, max_value=200)


class PeopleQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/credits/autocomplete``."""

    q = Text(min_length=2, help_text="beginnings of words")
    limit = Integer(default=10, min_value=1, max_value=50)


class CreditSerializer(serializers.Serializer[Any]):
    """A role of a person on a release."""

    release_id = serializers.CharField()
    title = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)
    role = serializers.CharField()
    category = serializers.ChoiceField(choices=CATEGORIES)
    artists = serializers.ListField(child=serializers.CharField(), help_text="three names at most")
    labels = serializers.ListField(child=serializers.CharField(), help_text="one name at most")


class PersonCreditsSerializer(serializers.Serializer[Any]):
    """All credits of a person: those without a year, then the latest first."""

    name = serializers.CharField()
    total_credits = serializers.IntegerField()
    credits = CreditSerializer(many=True)


class CreditYearSerializer(serializers.Serializer[Any]):
    """How many credits of a category a year has."""

    year = serializers.IntegerField()
    category = serializers.ChoiceField(choices=CATEGORIES)
    count = serializers.IntegerField()


class PersonTimelineSerializer(serializers.Serializer[Any]):
    """The years of a person, ascending."""

    name = serializers.CharField()
    timeline = CreditYearSerializer(many=True)


class RoleCountSerializer(serializers.Serializer[Any]):
    """How many credits are of a category."""

    category = serializers.ChoiceField(choices=CATEGORIES)
    count = serializers.IntegerField()


class PersonProfileSerializer(serializers.Serializer[Any]):
    """Figures of a person, and the artist that is the same person, if known."""

    name = serializers.CharField()
    total_credits = serializers.IntegerField()
    categories = serializers.ListField(child=serializers.ChoiceField(choices=CATEGORIES))
    first_year = serializers.IntegerField(allow_null=True)
    last_year = serializers.IntegerField(allow_null=True)
    artist_id = serializers.CharField(allow_null=True)
    artist_name = serializers.CharField(allow_null=True)
    role_breakdown = RoleCountSerializer(many=True)


class CreditedSerializer(serializers.Serializer[Any]):
    """A person on a release in a role."""

    name = serializers.CharField()
    role = serializers.CharField()
    category = serializers.ChoiceField(choices=CATEGORIES)
    artist_id = serializers.CharField(allow_null=True)
    artist_name = serializers.CharField(allow_null=True)


class ReleaseCreditsSerializer(serializers.Serializer[Any]):
    """Who is credited on a release, by category and name."""

    release_id = serializers.CharField()
    credits = CreditedSerializer(many=True)


class LeaderSerializer(serializers.Serializer[Any]):
    """A person and the number of its releases in a category."""

    name = serializers.CharField()
    credit_count = serializers.IntegerField()


class LeadersSerializer(serializers.Serializer[Any]):
    """The people with the most releases in a category."""

    category = serializers.ChoiceField(choices=CATEGORIES)
    entries = LeaderSerializer(many=True)


class SharedCreditSerializer(serializers.Serializer[Any]):
    """Roles of two people on one release."""

    release_id = serializers.CharField()
    title = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)
    person1_role = serializers.CharField()
    person2_role = serializers.CharField()
    artists = serializers.ListField(child=serializers.CharField())


class SharedCreditsSerializer(serializers.Serializer[Any]):
    """Releases that two people worked on, the latest first."""

    person1 = serializers.CharField()
    person2 = serializers.CharField()
    shared_releases = SharedCreditSerializer(many=True)


class ConnectionSerializer(serializers.Serializer[Any]):
    """A person and the number of releases in common."""

    name = serializers.CharField()
    shared_count = serializers.IntegerField()


class ConnectionsSerializer(serializers.Serializer[Any]):
    """People who are credited on the same releases; those who share the most come first."""

    name = serializers.CharField()
    connections = ConnectionSerializer(many=True)


class PersonHitSerializer(serializers.Serializer[Any]):
    """A person whose name matches."""

    name = serializers.CharField()
    score = serializers.FloatField()


class PeopleSerializer(serializers.Serializer[Any]):
    """People whose names match."""

    results = PersonHitSerializer(many=True)
