"""Endpoints of questions in plain words."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from apps.accounts.authentication import OptionalView
from apps.api import limits
from apps.api.caching import SHORT
from apps.api.events import MEDIA_TYPE
from apps.api.limits import Limit
from apps.api.responses import BadGateway, Exceeded, NotAvailable
from apps.api.views import ApiView
from apps.nlq import serializers, streaming, suggestions
from apps.nlq.answering import BusyError, Question, answer_question
from apps.nlq.availability import is_available
from apps.nlq.providers import ModelError


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


class NlqQueryView(OptionalView):
    """``POST /api/nlq/query``: answers a question in plain words, where that is available; else 503.

    With ``Accept: text/event-stream`` the answer is Server-Sent Events: ``status`` with what is being looked up, at
    last ``actions`` and ``result``, or ``error``.
    """

    operation = "askQuestion"
    body_parameters = serializers.NlqQuery
    limits = (Limit(settings.NLQ_RATE_LIMIT),)
    output = serializers.NlqAnswerSerializer
    errors = (400, 502, 503)
    example = {
        "query": "Which labels are similar to Blue Note?",
        "summary": "**Prestige** and **Riverside** are the most similar.",
        "entities": [{"id": "5833", "name": "Blue Note", "type": "label"}],
        "tools_used": ["autocomplete", "get_label_dna"],
        "actions": [{"type": "focus_node", "name": "Blue Note", "entity_type": "label"}],
        "cached": False,
    }

    def count_request(self) -> None:
        """Count the request for its address, and for its user: they may have many addresses."""
        super().count_request()
        if self.caller:
            user = {"HTTP_AUTHORIZATION": f"Bearer {self.caller.id}"}
            limit = Limit(settings.NLQ_RATE_LIMIT, by_token=True)
            (window,) = limits.count_request(user, self.request.path_info, (limit,))
            if window.is_exceeded:
                self.window = window
                raise Exceeded(f"Rate limit exceeded: {limit}")

    def post(self, request: Request) -> HttpResponse | StreamingHttpResponse:
        query = self.body["query"]
        if not query.strip():
            raise ParseError("Ask something: the query is blank")
        if len(query) > settings.NLQ_MAX_QUERY_LENGTH:
            raise ParseError(f"The query exceeds the maximum length of {settings.NLQ_MAX_QUERY_LENGTH} characters")
        if not is_available():
            raise NotAvailable("Questions in plain words are not available here")
        question = self.read_question(query)
        if MEDIA_TYPE in request.META.get("HTTP_ACCEPT", ""):
            return streaming.stream_events(request._request, question)  # noqa: SLF001
        try:
            *_, (_, answer) = answer_question(question)
        except BusyError as error:
            raise NotAvailable(str(error)) from error
        except ModelError as error:
            raise BadGateway(str(error)) from error
        return self.reply(answer)

    def read_question(self, query: str) -> Question:
        """Return the question with what its context says; a field of it that is no text counts as missing."""
        context = self.body["context"] or {}
        name, kind = (each if isinstance(each, str) else "" for each in map(context.get, ("entity_id", "entity_type")))
        return Question(query, name.strip(), kind.strip().lower(), str(self.caller.id) if self.caller else None)
