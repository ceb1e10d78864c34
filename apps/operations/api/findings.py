"""Endpoints of extraction analysis: the findings of loaded versions."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from apps.accounts.authentication import AdminView
from apps.api.caching import SHORT
from apps.api.responses import BadGateway, NotAvailable
from apps.nlq.availability import is_available
from apps.nlq.providers import ModelError
from apps.operations import serializers
from apps.operations.answers import findings as answers
from apps.operations.answers import prompts

VERSION = "20261101"
FINDING = {
    "record_id": "1000",
    "rule": "year-in-range",
    "severity": "warning",
    "field": "released",
    "field_value": "20199",
    "xml_file": "1000.xml",
    "json_file": "1000.json",
    "timestamp": "2026-11-02T03:00:00+00:00",
    "entity_type": "releases",
}
CLASSIFIED = {
    "record_id": "1000",
    "entity_type": "releases",
    "rule": "year-in-range",
    "field": "released",
    "xml_value": "20199",
    "json_value": "20199",
    "classification": "source_issue",
}


class FindingsView(AdminView):
    """An endpoint about the findings of versions."""

    errors: ClassVar[tuple[int, ...]] = (400, 401, 403, 404, 503)


class VersionsView(FindingsView):
    """``GET /api/admin/extraction-analysis/versions``: versions with findings."""

    operation = "listAnalysedVersions"
    output = serializers.VersionsSerializer
    errors: ClassVar[tuple[int, ...]] = (401, 403, 503)
    example = {"versions": [{"version": VERSION, "source": "discogs", "entity_types": ["artists", "releases"]}]}

    def get(self, request: Request) -> HttpResponse:
        return self.reply(answers.list_versions())


class SummaryView(FindingsView):
    """``GET /api/admin/extraction-analysis/{version}/summary``: the findings of a version in numbers."""

    operation = "getFindingsSummary"
    output = serializers.SummarySerializer
    example = {
        "version": VERSION,
        "source": "discogs",
        "pipeline_status": {"extraction_phase": "completed"},
        "skipped": {"releases": {"count": 1, "reasons": ["no title"]}},
        "total": 1,
        "by_severity": {"warning": 1},
        "by_entity": {"releases": {"total": 1, "errors": 0, "warnings": 1}},
        "by_rule": [{"rule": "year-in-range", "entity_type": "releases", "severity": "warning", "count": 1}],
    }

    def get(self, request: Request, version: str) -> HttpResponse:
        return self.reply(answers.summarise(version))


class SkippedView(FindingsView):
    """``GET /api/admin/extraction-analysis/{version}/skipped``: records that were left out."""

    operation = "listSkippedRecords"
    query_parameters = serializers.SkippedQuery
    output = serializers.SkippedSerializer
    is_shaped = True
    example = {"skipped": [], "total": 0, "page": 1, "page_size": 50}

    def get(self, request: Request, version: str) -> HttpResponse:
        return self.reply(answers.list_skipped(version, self.query))


class ViolationsView(FindingsView):
    """``GET /api/admin/extraction-analysis/{version}/violations``: findings about values of records."""

    operation = "listFindings"
    query_parameters = serializers.ViolationsQuery
    output = serializers.ViolationsSerializer
    is_shaped = True
    example = {
        "violations": [FINDING],
        "pagination": {"page": 1, "page_size": 50, "total_items": 1, "total_pages": 1},
    }

    def get(self, request: Request, version: str) -> HttpResponse:
        return self.reply(answers.list_violations(version, self.query))


class RecordView(FindingsView):
    """``GET /api/admin/extraction-analysis/{version}/violations/{record_id}``: a record with the findings about it."""

    operation = "getFlaggedRecord"
    query_parameters = serializers.RecordQuery
    output = serializers.RecordSerializer
    is_shaped = True
    example = {
        "record_id": "1000",
        "entity_type": "releases",
        "violations": [FINDING],
        "raw_xml": '<release id="1000"><released>20199</released></release>',
        "parsed_json": {"id": "1000", "released": "20199"},
        "truncated": False,
    }

    def get(self, request: Request, version: str, record_id: str) -> HttpResponse:
        return self.reply(answers.get_record(version, record_id, self.query.get("entity_type")))


class ParsingErrorsView(FindingsView):
    """``GET /api/admin/extraction-analysis/{version}/parsing-errors``: findings by who is to blame."""

    operation = "listParsingErrors"
    output = serializers.ParsingErrorsSerializer
    is_shaped = True
    example = {
        "parsing_errors": [],
        "source_issues": [CLASSIFIED],
        "indeterminate": [],
        "stats": {"total_analyzed": 1, "parsing_errors": 0, "source_issues": 1, "indeterminate": 0},
        "by_entity": {"releases": {"source_issues": 1}},
    }

    def get(self, request: Request, version: str) -> HttpResponse:
        return self.reply_cached(f"parsing-errors:{version}", SHORT, lambda: answers.classify_findings(version))


class CompareVersionsView(FindingsView):
    """``GET /api/admin/extraction-analysis/{version}/compare/{other_version}``: two versions, rule by rule."""

    operation = "compareFindings"
    output = serializers.ComparisonSerializer
    example = {
        "version_a": "20261001",
        "version_b": VERSION,
        "summary": {"improved": 1, "worsened": 0, "unchanged": 0, "new_rules": 0, "removed_rules": 0},
        "details": [
            {
                "rule": "year-in-range",
                "severity": "warning",
                "entity_type": "releases",
                "count_a": 5,
                "count_b": 1,
                "direction": "improved",
            }
        ],
        "skipped": {"version_a": {}, "version_b": {"releases": 1}},
    }

    def get(self, request: Request, version: str, other_version: str) -> HttpResponse:
        return self.reply(answers.compare(version, other_version))


class PromptContextView(FindingsView):
    """``POST /api/admin/extraction-analysis/{version}/prompt-context``: rules with some records that broke them."""

    operation = "getPromptContext"
    body_parameters = serializers.RulesBody
    output = serializers.ContextsSerializer
    is_shaped = True
    example = {
        "contexts": [
            {
                "rule": "year-in-range",
                "entity_type": "releases",
                "severity": "warning",
                "total_violations": 1,
                "sample_records": [],
            }
        ]
    }

    def post(self, request: Request, version: str) -> HttpResponse:
        return self.reply(answers.list_contexts(version, self.body["rules"]))


class AiPromptView(FindingsView):
    """``POST /api/admin/extraction-analysis/{version}/generate-ai-prompt``: a model's words about findings."""

    operation = "makeAiPrompt"
    body_parameters = serializers.RulesBody
    output = serializers.PromptSerializer
    errors: ClassVar[tuple[int, ...]] = (400, 401, 403, 404, 502, 503)
    example = {"prompt": "Years of five digits …", "ai_generated": True}

    def post(self, request: Request, version: str) -> HttpResponse:
        if not is_available():
            raise NotAvailable("No language model is configured: set NLQ_ENABLED and NLQ_API_KEY")
        try:
            return self.reply({"prompt": prompts.write_prompt(version, self.body["rules"]), "ai_generated": True})
        except ModelError as error:
            raise BadGateway(str(error)) from error
