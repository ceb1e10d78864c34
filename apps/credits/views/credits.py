"""Endpoints over people and what they are credited on."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from apps.api.caching import DAY, SHORT
from apps.api.limits import Limit
from apps.api.views import ApiView
from apps.credits import answers, serializers
from apps.graph.readers.credits import LEADERS


class PersonCreditsView(ApiView):
    """``GET /api/credits/person/{name}``: all credits of a person, by the exact name."""

    operation = "listPersonCredits"
    limits = (Limit(60),)
    output = serializers.PersonCreditsSerializer
    is_shaped = True
    errors = (404, 503, 504)
    example = {
        "name": "Butch Vig",
        "total_credits": 1,
        "credits": [
            {
                "release_id": "249504",
                "title": "Nevermind",
                "year": 1991,
                "role": "Producer, Engineer",
                "category": "production",
                "artists": ["Nirvana"],
                "labels": ["DGC"],
            }
        ],
    }

    def get(self, request: Request, name: str) -> HttpResponse:
        return self.reply_cached(f"credits:person:{name}", DAY, lambda: answers.list_person_credits(name))


class PersonTimelineView(ApiView):
    """``GET /api/credits/person/{name}/timeline``: how many credits of which category a person has in each year."""

    operation = "getPersonTimeline"
    limits = (Limit(60),)
    output = serializers.PersonTimelineSerializer
    errors = (404, 503, 504)
    example = {"name": "Butch Vig", "timeline": [{"year": 1991, "category": "production", "count": 34}]}

    def get(self, request: Request, name: str) -> HttpResponse:
        return self.reply_cached(f"credits:timeline:{name}", SHORT, lambda: answers.get_timeline(name))


class PersonProfileView(ApiView):
    """``GET /api/credits/person/{name}/profile``: a person in figures, and which artist it is."""

    operation = "getPersonProfile"
    limits = (Limit(60),)
    output = serializers.PersonProfileSerializer
    errors = (404, 503, 504)
    example = {
        "name": "Butch Vig",
        "total_credits": 2140,
        "categories": ["engineering", "production", "session"],
        "first_year": 1980,
        "last_year": 2025,
        "artist_id": "103766",
        "artist_name": "Butch Vig",
        "role_breakdown": [
            {"category": "production", "count": 1290},
            {"category": "engineering", "count": 610},
            {"category": "session", "count": 240},
        ],
    }

    def get(self, request: Request, name: str) -> HttpResponse:
        return self.reply_cached(f"credits:profile:{name}", SHORT, lambda: answers.get_profile(name))


class ReleaseCreditsView(ApiView):
    """``GET /api/credits/release/{release_id}``: who is credited on a release, and which artists they are."""

    operation = "listReleaseCredits"
    limits = (Limit(60),)
    output = serializers.ReleaseCreditsSerializer
    errors = (404, 503, 504)
    example = {
        "release_id": "249504",
        "credits": [
            {
                "name": "Butch Vig",
                "role": "Producer, Engineer",
                "category": "production",
                "artist_id": "103766",
                "artist_name": "Butch Vig",
            }
        ],
    }

    def get(self, request: Request, release_id: str) -> HttpResponse:
        return self.reply_cached(
            f"credits:release:{release_id}", SHORT, lambda: answers.list_release_credits(release_id)
        )


class RoleLeadersView(ApiView):
    """``GET /api/credits/role/{role}/top``: those with the most releases in a category of roles."""

    operation = "listRoleLeaders"
    path_parameters = serializers.RolePath
    query_parameters = serializers.LeadersQuery
    limits = (Limit(30),)
    output = serializers.LeadersSerializer
    errors = (400, 503, 504)
    example = {"category": "mastering", "entries": [{"name": "Bob Ludwig", "credit_count": 11023}]}

    def get(self, request: Request, role: str) -> HttpResponse:
        if role not in LEADERS:
            raise ParseError(f"Invalid role category {role!r}: give one of {', '.join(LEADERS)}")
        limit = self.query["limit"]
        return self.reply_cached(
            f"credits:leaderboard:{role}:{limit}",
            DAY,
            lambda: answers.list_leaders(role, limit),
        )


class SharedCreditsView(ApiView):
    """``GET /api/credits/shared``: the releases that two people worked on, with the roles of both."""

    operation = "listSharedCredits"
    query_parameters = serializers.SharedQuery
    limits = (Limit(30),)
    output = serializers.SharedCreditsSerializer
    errors = (503, 504)
    example = {
        "person1": "Butch Vig",
        "person2": "Andy Wallace",
        "shared_releases": [
            {
                "release_id": "249504",
                "title": "Nevermind",
                "year": 1991,
                "person1_role": "Producer, Engineer",
                "person2_role": "Mixed By",
                "artists": ["Nirvana"],
            }
        ],
    }

    def get(self, request: Request) -> HttpResponse:
        person1, person2 = self.query["person1"], self.query["person2"]
        # The length keeps the keys of two pairs of names apart.
        return self.reply_cached(
            f"credits:shared:{len(person1)}:{person1}:{person2}",
            SHORT,
            lambda: answers.list_shared_credits(person1, person2),
        )


class ConnectionsView(ApiView):
    """``GET /api/credits/connections/{name}``: who is credited on the same releases as a person."""

    operation = "listConnectedPeople"
    query_parameters = serializers.ConnectionsQuery
    limits = (Limit(30),)
    output = serializers.ConnectionsSerializer
    errors = (503, 504)
    example = {"name": "Butch Vig", "connections": [{"name": "Andy Wallace", "shared_count": 212}]}

    def get(self, request: Request, name: str) -> HttpResponse:
        """Answer; ``depth`` is in the contract and changes nothing."""
        limit = self.query["limit"]
        return self.reply_cached(
            f"credits:connections:{limit}:{name}",
            SHORT,
            lambda: answers.list_connections(name, limit),
        )


class PeopleAutocompleteView(ApiView):
    """``GET /api/credits/autocomplete``: people whose names have words that begin with those of a text."""

    operation = "completePeople"
    query_parameters = serializers.PeopleQuery
    limits = (Limit(120),)
    output = serializers.PeopleSerializer
    errors = (503, 504)
    example = {"results": [{"name": "Butch Vig", "score": 1.0}]}

    def get(self, request: Request) -> HttpResponse:
        text, limit = self.query["q"].strip(), self.query["limit"]
        return self.reply_cached(
            f"credits:autocomplete:{limit}:{text}",
            SHORT,
            lambda: answers.complete_people(text, limit),
        )
