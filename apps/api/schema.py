"""The OpenAPI document: each operation is described by the attributes of its view."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer

from apps.api.serializers import DetailSerializer, ErrorSerializer, InvalidSerializer

FAMILIES: dict[str, Any] = {"error": ErrorSerializer, "detail": DetailSerializer}


EXPLORE = ("Explore", "Names as they are typed, entities by name, what can be expanded from them, their years")
ACCOUNTS = ("Accounts", "Logging in, passwords, tokens, what one account has")
COLLECTION = ("Collection", "What a user has and wants")
# Module of a view → the heading of its operations, and what is said of them.
TAGS = {
    "expanding": EXPLORE,
    "exploring": EXPLORE,
    "searching": ("Search", "Names and titles by words"),
    "records": ("Records", "Releases and masters, whole"),
    "paths": ("Paths", "How two entities are connected"),
    "artists": ("Artists", "Artists that are like one or share its releases"),
    "labels": ("Labels", "What labels have released"),
    "overviews": ("Overview", "All of the graph at a glance"),
    "musicbrainz": ("MusicBrainz", "What MusicBrainz adds"),
    "credits": ("Credits", "People and what they are credited on"),
    "insights": ("Insights", "Figures over the whole catalogue, as they were last computed"),
    "internal": ("Internal", "Figures for an insights service beside this site"),
    "rarity": ("Rarity", "How rare releases are"),
    "nlq": ("Questions", "Questions in plain words"),
    "snapshots": ("Snapshots", "What was explored, kept under a token"),
    "auth": ACCOUNTS,
    "second_factor": ACCOUNTS,
    "app_tokens": ACCOUNTS,
    "account": ACCOUNTS,
    "admin": ("Administration", "What administrators do"),
    "collecting": COLLECTION,
    "gaps": ("Gaps", "What a user lacks"),
    "taste": ("Taste", "What a collection says about its owner"),
    "exporting": COLLECTION,
    "importing": COLLECTION,
    "figures": ("Administration: users", "Users and their synchronisations in figures"),
    "discogs": ("Discogs", "The link of a user to an account at Discogs"),
    "sync": ("Synchronisation", "How collections keep in step with Discogs"),
    "recommending": ("Recommendations", "What a user could want"),
    "extractions": ("Administration: runs", "Runs as extractions, and dead letters as queues"),
    "findings": ("Administration: findings", "What rules and the parser noted about records"),
    "stores": ("Administration: stores", "What the stores hold, queues and servers over time"),
    "status": ("Status", "What waits, which servers answer and what is loaded, as measured a moment ago"),
    "health": ("Health", "Whether the API works"),
}
# Rate limit headers of answers (``apps.api.limits``).
LIMIT_HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "X-RateLimit-Limit": ({"type": "integer"}, "requests that may be sent in a window"),
    "X-RateLimit-Remaining": ({"type": "integer"}, "how many of them are left"),
    "X-RateLimit-Reset": ({"type": "number"}, "when the window ends, in seconds since 1970"),
    "Retry-After": ({"type": "integer"}, "seconds until then"),
}


BEARER: list[dict[str, Any]] = [{"bearer": []}]
SESSION: list[dict[str, Any]] = [{"session": [], "csrf": []}]
SERVICE: list[dict[str, Any]] = [{"internal": []}]


def complete_document(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Complete the whole document: headers, tags, security; called by drf-spectacular.

    ``oneOf`` becomes ``anyOf``: an artist has every field of a label, so it would match two shapes.
    """
    components = result["components"]
    for component in components.get("schemas", {}).values():
        if "oneOf" in component:
            component["anyOf"] = component.pop("oneOf")
    headers = components["headers"] = {}
    for response in iterate_responses(result):
        for name, header in response.get("headers", {}).items():
            headers[name] = header
            response["headers"][name] = {"$ref": f"#/components/headers/{name}"}
    # Operations that need a login say so themselves.
    result["security"] = []
    result["tags"] = [{"name": name, "description": description} for name, description in dict.fromkeys(TAGS.values())]
    return result


def iterate_responses(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each response of each operation."""
    for methods in document["paths"].values():
        for operation in methods.values():
            yield from operation["responses"].values()


def make_union(name: str, *shapes: Any) -> PolymorphicProxySerializer:
    """Return the union of some shapes."""
    return PolymorphicProxySerializer(name, list(dict.fromkeys(shapes)), resource_type_field_name=None)


class Schema(AutoSchema):
    """Describes an ``ApiView`` by its parameters, limits, output, errors and example."""

    view: Any

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Any:
        """Return the operation; where several endpoints share an address, that of the one with this method."""
        by_method = getattr(self.view, "by_method", {})
        if not by_method:
            return super().get_operation(path, path_regex, path_prefix, method, registry)
        view = by_method[method.upper()]()
        vars(view).update(vars(self.view))
        return view.schema.get_operation(path, path_regex, path_prefix, method, registry)

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters that its serializers declare."""
        found: list[Any] = [self.view.query_parameters] if self.view.query_parameters else []
        if self.view.path_parameters:
            found += [
                OpenApiParameter(name, self._map_serializer_field(field, "request"), OpenApiParameter.PATH)  # type: ignore[no-untyped-call]
                for name, field in self.view.path_parameters().fields.items()
            ]
        if self.view.limits:
            # Errors in ``detail`` do not have them (docs/contract/rest.md#rate-limits).
            statuses = [self.view.status, 429, *(self.view.errors if self.view.family == "error" else ())]
            found += [
                OpenApiParameter(name, shape, OpenApiParameter.HEADER, description=text, response=statuses)
                for name, (shape, text) in LIMIT_HEADERS.items()
            ]
        return found

    def get_request_serializer(self) -> Any:
        """Return the shape of the request's body."""
        return self.view.body_file or self.view.body_parameters

    def get_response_serializers(self) -> Any:
        """Return the responses, by status."""
        family = FAMILIES[self.view.family]
        done = self.view.status
        found: dict[Any, Any] = {done: OpenApiResponse(self.view.output, HTTPStatus(done).phrase)}
        for status in self.view.errors:
            in_detail = status in self.view.detail_errors
            found[status] = OpenApiResponse(DetailSerializer if in_detail else family, HTTPStatus(status).phrase)
        if self.has_path_variables():
            # Also for an id that no route matches, such as one with a slash or a new line in it.
            has_both = family is ErrorSerializer and 404 in found
            shape: Any = make_union("NotFound", ErrorSerializer, DetailSerializer) if has_both else DetailSerializer
            found[404] = OpenApiResponse(shape, HTTPStatus(404).phrase)
        if self.view.query_parameters or self.view.path_parameters or self.view.body_parameters:
            shape = InvalidSerializer
            if 422 in self.view.errors:
                # Also raised as ``NotEnough``.
                key = "detail" if 422 in self.view.detail_errors else self.view.family
                shape = make_union(f"NotTaken{key.capitalize()}", InvalidSerializer, FAMILIES[key])
            found[422] = OpenApiResponse(shape, HTTPStatus(422).phrase)
        if self.view.limits:
            # Also raised as ``Locked``.
            shape = make_union("NotNow", ErrorSerializer, DetailSerializer) if 429 in found else ErrorSerializer
            found[429] = OpenApiResponse(shape, HTTPStatus(429).phrase)
        for status, other in self.view.other_errors.items():
            given = found[status]
            name = "Or".join(each.__name__.removesuffix("Serializer") for each in (other, given.response))
            shape = make_union(name, given.response, other)
            found[status] = OpenApiResponse(shape, given.description)
        return {
            (status, self.view.media_type, *self.view.other_media)
            if status == done and self.view.media_type
            else status: response
            for status, response in sorted(found.items())
        }

    def has_path_variables(self) -> bool:
        """Tell whether the path has variables."""
        return "{" in self.path

    def get_examples(self) -> list[OpenApiExample]:
        """Return the example of an answer."""
        if self.view.example is None:
            return []
        examples = {self.view.media_type or "application/json": self.view.example, **self.view.other_media}
        status = str(self.view.status)
        return [
            OpenApiExample("example", example, response_only=True, status_codes=[status], media_type=kind)
            for kind, example in examples.items()
        ]

    def get_auth(self) -> list[dict[str, Any]]:
        """Return what identifies the caller: a token, the session of a browser, or the secret of a service."""
        kinds = {
            "admin": BEARER,
            "required": [*BEARER, *SESSION],
            "optional": [*BEARER, *SESSION, {}],
            "service": SERVICE,
        }
        return kinds.get(getattr(self.view, "caller_is", ""), [])

    def get_tags(self) -> list[str]:
        """Return the heading of the operation."""
        name, _ = TAGS[self.view.__class__.__module__.rpartition(".")[2]]
        return [name]

    def get_operation_id(self) -> str:
        """Return a name that stays when the address changes: generated clients name their functions after it."""
        return str(self.view.operation)

    def get_summary(self) -> str:
        """Return the first sentence of the view's docstring, without the address."""
        first = self.get_description().partition("\n\n")[0].rstrip(".")
        return first[0].upper() + first[1:]

    def get_description(self) -> str:  # type: ignore[override] # as AutoSchema has it
        """Return the view's docstring, without the address."""
        text = inspect.getdoc(self.view.__class__) or ""
        return text.partition(": ")[2] or text


class ChoicesOfText(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call] # registers itself
    """Describes a parameter that takes one of some words."""

    target_class = "apps.api.parameters.Text"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the shape of the field."""
        shape: dict[str, Any] = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)  # noqa: SLF001
        return {**shape, "enum": list(self.target.choices)} if self.target.choices else shape
