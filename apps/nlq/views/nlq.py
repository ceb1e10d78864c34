"""Endpoints of questions in plain words."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from apps.api.caching import SHORT
from apps.api.limits import Limit
from apps.api.responses import NotAvailable
from apps.api.views import ApiView
from apps.nlq import serializers, suggestions
from apps.nlq.availability import is_available


class NlqSuggestionsView(ApiView):
    """``GET /api/nlq/suggestions``: questions to ask, also where none is answered."""

    operation = "listSuggestedQuestions"
    query_parameters = serializers.NlqSuggestionsQuery
    limits = (Limit(100),)
    output = serializers.NlqSuggestionsSerializer
    example = {
        "suggestions": [
            "Who has worked with Brian Eno?",
            "Which artists are similar to Brian Eno?",
            "In which years did Brian Eno have the most releases?",
            "How is Brian Eno connected to Miles Davis?",
        ]
    }

    def get(self, request: Request) -> HttpResponse:
        topic = suggestions.read_topic(**self.query)
        key = ":".join(["nlq:suggest", *topic])
        return self.reply_cached(key, SHORT, lambda: suggestions.suggest_questions(*topic))


class NlqStatusView(ApiView):
    """``GET /api/nlq/status``: whether questions in plain words are answered here."""

    operation = "getQuestionsStatus"
    output = serializers.NlqStatusSerializer
    example = {"enabled": False}

    def get(self, request: Request) -> HttpResponse:
        return self.reply({"enabled": is_available()})


class NlqQueryView(ApiView):
    """``POST /api/nlq/query``: answers a question in plain words, where that is available; else 503."""

    operation = "askQuestion"
    body_parameters = serializers.NlqQuery
    limits = (Limit(10),)
    output = serializers.NlqAnswerSerializer
    errors = (400, 503)
    example = {
        "query": "Which labels are similar to Blue Note?",
        "summary": "**Prestige** and **Riverside** are the most similar.",
        "entities": [{"id": "5833", "name": "Blue Note", "type": "label"}],
        "tools_used": ["autocomplete", "get_label_dna"],
        "actions": [{"type": "focus_node", "name": "Blue Note", "entity_type": "label"}],
        "cached": False,
    }

    def post(self, request: Request) -> HttpResponse:
        query = self.body["query"]
        if not query.strip():
            raise ParseError("Ask something: the query is blank")
        if len(query) > settings.NLQ_MAX_QUERY_LENGTH:
            raise ParseError(f"The query exceeds the maximum length of {settings.NLQ_MAX_QUERY_LENGTH} characters")
        raise NotAvailable("Questions in plain words are not available here")
