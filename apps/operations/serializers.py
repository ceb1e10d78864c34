"""What the endpoints of administrators take and what they answer."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from rest_framework import serializers

from apps.api.parameters import Integer, Pattern, Text
from apps.ingest.models import Source
from apps.operations.answers.history import RANGES

MOST_ON_A_PAGE = 200
MOST_RULES = 20


class Identifier(Text):
    """A UUID."""

    default_error_messages: ClassVar = {"uuid_parsing": "Input should be a valid UUID"}

    def to_internal_value(self, data: Any) -> Any:
        """Parse it."""
        try:
            return UUID(super().to_internal_value(data))
        except ValueError:
            self.fail("uuid_parsing")


# --- extractions ---------------------------------------------------------------------------------------------------


class ExtractionsQuery(serializers.Serializer[Any]):
    """Values outside of 0 …, 1 … 100 are moved into these bounds."""

    offset = Integer(default=0)
    limit = Integer(default=20)


class ExtractionPath(serializers.Serializer[Any]):
    """Of one extraction."""

    extraction_id = Identifier()


class TriggerBody(serializers.Serializer[Any]):
    """May be left out."""

    source = serializers.ChoiceField(choices=Source.choices, default=Source.DISCOGS)  # type: ignore[assignment]


class ExtractionSerializer(serializers.Serializer[Any]):
    """A run."""

    id = serializers.CharField()
    triggered_by = serializers.CharField()
    status = serializers.ChoiceField(choices=("pending", "running", "completed", "failed"))
    started_at = serializers.CharField(allow_null=True)
    completed_at = serializers.CharField(allow_null=True)
    duration_seconds = serializers.FloatField(allow_null=True)
    record_counts = serializers.DictField(child=serializers.IntegerField(), allow_null=True)
    error_message = serializers.CharField(allow_null=True)
    extractor_version = serializers.CharField(allow_null=True)
    created_at = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment] # the contract's name
    version = serializers.CharField()
    duration = serializers.CharField(allow_null=True)
    records = serializers.IntegerField()
    error = serializers.CharField(allow_null=True)


class ExtractionsSerializer(serializers.Serializer[Any]):
    """A page of runs."""

    extractions = ExtractionSerializer(many=True)
    total = serializers.IntegerField()
    offset = serializers.IntegerField()
    limit = serializers.IntegerField()


class TriggeredSerializer(serializers.Serializer[Any]):
    """A run that begins."""

    id = serializers.CharField()
    status = serializers.CharField()


class PurgedSerializer(serializers.Serializer[Any]):
    """How many dead letters were deleted; ``purged`` says it too, for an old page."""

    queue = serializers.CharField()
    messages_purged = serializers.IntegerField()
    purged = serializers.IntegerField()


# --- findings ------------------------------------------------------------------------------------------------------


class SkippedQuery(serializers.Serializer[Any]):
    """A page of one type, or of all."""

    entity_type = Pattern("[a-z-]+", required=False)
    page = Integer(default=1, min_value=1)
    page_size = Integer(default=50, min_value=1, max_value=MOST_ON_A_PAGE)


class ViolationsQuery(SkippedQuery):
    """A page, by severity and rule too."""

    severity = Pattern("error|warning|info", required=False)
    rule = Pattern("[a-zA-Z0-9_-]+", required=False)


class RecordQuery(serializers.Serializer[Any]):
    """Ids repeat across types."""

    entity_type = Text(required=False, for_sql=True)


class FindingSerializer(serializers.Serializer[Any]):
    """A finding about a value of a record. A finding of a skipped record has a reason, others a rule and a severity."""

    record_id = serializers.CharField()
    rule = serializers.CharField(required=False)
    severity = serializers.CharField(required=False)
    reason = serializers.CharField(required=False)
    field = serializers.CharField()
    field_value = serializers.CharField(allow_null=True)
    xml_file = serializers.CharField(allow_null=True)
    json_file = serializers.CharField(allow_null=True)
    timestamp = serializers.CharField()
    entity_type = serializers.CharField()


class VersionSerializer(serializers.Serializer[Any]):
    """A version with findings."""

    version = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment] # the contract's name
    entity_types = serializers.ListField(child=serializers.CharField())


class VersionsSerializer(serializers.Serializer[Any]):
    """All versions."""

    versions = VersionSerializer(many=True)


class SkippedCountSerializer(serializers.Serializer[Any]):
    """Of one type."""

    count = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())


class EntityCountSerializer(serializers.Serializer[Any]):
    """Of one type."""

    total = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment] # the contract's name
    warnings = serializers.IntegerField()


class RuleCountSerializer(serializers.Serializer[Any]):
    """Of one rule and type."""

    rule = serializers.CharField()
    entity_type = serializers.CharField()
    severity = serializers.CharField()
    count = serializers.IntegerField()


class SummarySerializer(serializers.Serializer[Any]):
    """The findings of a version in numbers."""

    version = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment] # the contract's name
    pipeline_status = serializers.DictField(child=serializers.CharField())
    skipped = serializers.DictField(child=SkippedCountSerializer())
    total = serializers.IntegerField()
    by_severity = serializers.DictField(child=serializers.IntegerField())
    by_entity = serializers.DictField(child=EntityCountSerializer())
    by_rule = RuleCountSerializer(many=True)


class SkippedSerializer(serializers.Serializer[Any]):
    """A page of skipped records."""

    skipped = FindingSerializer(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()


class FindingsPageSerializer(serializers.Serializer[Any]):
    """Where a page is."""

    page = serializers.IntegerField()
    page_size = serializers.IntegerField()
    total_items = serializers.IntegerField()
    total_pages = serializers.IntegerField()


class ViolationsSerializer(serializers.Serializer[Any]):
    """A page of findings."""

    violations = FindingSerializer(many=True)
    pagination = FindingsPageSerializer()


class RecordSerializer(serializers.Serializer[Any]):
    """A record with its findings."""

    record_id = serializers.CharField()
    entity_type = serializers.CharField()
    violations = FindingSerializer(many=True)
    raw_xml = serializers.CharField(allow_null=True)
    parsed_json = serializers.DictField(allow_null=True)
    truncated = serializers.BooleanField()


class ClassifiedSerializer(serializers.Serializer[Any]):
    """A finding, and whether the value was lost by us or never there."""

    record_id = serializers.CharField()
    entity_type = serializers.CharField()
    rule = serializers.CharField()
    field = serializers.CharField()
    xml_value = serializers.CharField(allow_null=True)
    json_value = serializers.CharField(allow_null=True)
    classification = serializers.CharField()


class ClassificationStatsSerializer(serializers.Serializer[Any]):
    """How many of each class."""

    total_analyzed = serializers.IntegerField()
    parsing_errors = serializers.IntegerField()
    source_issues = serializers.IntegerField()
    indeterminate = serializers.IntegerField()


class ParsingErrorsSerializer(serializers.Serializer[Any]):
    """The findings by class; ``by_entity`` is type → class → number."""

    parsing_errors = ClassifiedSerializer(many=True)
    source_issues = ClassifiedSerializer(many=True)
    indeterminate = ClassifiedSerializer(many=True)
    stats = ClassificationStatsSerializer()
    by_entity = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))


class ChangeSerializer(serializers.Serializer[Any]):
    """A rule in two versions."""

    rule = serializers.CharField()
    severity = serializers.CharField()
    entity_type = serializers.CharField()
    count_a = serializers.IntegerField()
    count_b = serializers.IntegerField()
    direction = serializers.CharField()


class ComparisonSerializer(serializers.Serializer[Any]):
    """Two versions."""

    version_a = serializers.CharField()
    version_b = serializers.CharField()
    summary = serializers.DictField(child=serializers.IntegerField())
    details = ChangeSerializer(many=True)
    skipped = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))


class ChosenRule(serializers.Serializer[Any]):
    """A rule and a type."""

    rule = Pattern("[a-zA-Z0-9_-]+")
    entity_type = Pattern("[a-z-]+")


class RulesBody(serializers.Serializer[Any]):
    """Up to twenty rules."""

    rules = ChosenRule(many=True, min_length=1, max_length=MOST_RULES)  # type: ignore[call-arg] # a list takes them


class SampleSerializer(serializers.Serializer[Any]):
    """A record with findings of the rule."""

    record_id = serializers.CharField()
    violations = serializers.ListField(child=serializers.DictField())
    raw_xml = serializers.CharField(allow_null=True)
    parsed_json = serializers.DictField(allow_null=True)


class ContextSerializer(serializers.Serializer[Any]):
    """A rule with some records that it was broken by."""

    rule = serializers.CharField()
    entity_type = serializers.CharField()
    severity = serializers.CharField()
    total_violations = serializers.IntegerField()
    sample_records = SampleSerializer(many=True)


class ContextsSerializer(serializers.Serializer[Any]):
    """What is to be told to a model."""

    contexts = ContextSerializer(many=True)


class PromptSerializer(serializers.Serializer[Any]):
    """What a model made of it."""

    prompt = serializers.CharField()
    ai_generated = serializers.BooleanField()


# --- stores --------------------------------------------------------------------------------------------------------


class RangeQuery(serializers.Serializer[Any]):
    """How far back."""

    range = Text(default="24h", choices=RANGES)


class StorageSerializer(serializers.Serializer[Any]):
    """Each store: ``status`` ok with what it holds, or ``status`` error with an ``error``."""

    neo4j = serializers.DictField()
    postgresql = serializers.DictField()
    redis = serializers.DictField()


class PointSerializer(serializers.Serializer[Any]):
    """A queue at a time; the numbers of some samples are their average."""

    ts = serializers.CharField()
    ready = serializers.FloatField()
    unacked = serializers.FloatField()
    total = serializers.FloatField()
    publish_rate = serializers.FloatField()
    deliver_rate = serializers.FloatField()
    consumers = serializers.IntegerField(allow_null=True)


class QueueSerializer(serializers.Serializer[Any]):
    """A queue over time, and as it was last."""

    history = PointSerializer(many=True)
    current = serializers.DictField()


class QueueHistorySerializer(serializers.Serializer[Any]):
    """All queues over time."""

    range = serializers.CharField()
    granularity = serializers.CharField()
    queues = serializers.DictField(child=QueueSerializer())
    dlq_summary = serializers.DictField(child=QueueSerializer())


class HealthPointSerializer(serializers.Serializer[Any]):
    """A server at a time."""

    ts = serializers.CharField()
    status = serializers.ChoiceField(choices=("healthy", "unknown"))
    response_time_ms = serializers.FloatField()


class ServiceSerializer(serializers.Serializer[Any]):
    """A server over time."""

    history = HealthPointSerializer(many=True)
    current = serializers.CharField()
    uptime_pct = serializers.FloatField()


class HealthHistorySerializer(serializers.Serializer[Any]):
    """All servers over time."""

    range = serializers.CharField()
    granularity = serializers.CharField()
    services = serializers.DictField(child=ServiceSerializer())
    api_endpoints = serializers.DictField()
    endpoints = serializers.ListField()
