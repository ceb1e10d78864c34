"""What the OpenAPI document says of an endpoint, from what its class says already."""

from __future__ import annotations

import inspect
from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer

from apps.api.serializers import DetailSerializer, ErrorSerializer, InvalidSerializer

FAMILIES: dict[str, Any] = {"error": ErrorSerializer, "detail": DetailSerializer}


def any_shape(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Let an answer have any of some shapes: an artist has all that a label has, so it would have two of ``oneOf``."""
    for component in result.get("components", {}).get("schemas", {}).values():
        if "oneOf" in component:
            component["anyOf"] = component.pop("oneOf")
    return result


def one_of(name: str, *shapes: Any) -> PolymorphicProxySerializer:
    """Return what is in any of some shapes."""
    return PolymorphicProxySerializer(name, list(dict.fromkeys(shapes)), resource_type_field_name=None)


class Schema(AutoSchema):
    """Describes an ``ApiView`` by its parameters, limits, output, errors and example."""

    view: Any

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters that its serializers declare."""
        found: list[Any] = [self.view.query_parameters] if self.view.query_parameters else []
        if self.view.path_parameters:
            found += [
                OpenApiParameter(name, self._map_serializer_field(field, "request"), OpenApiParameter.PATH)  # type: ignore[no-untyped-call]
                for name, field in self.view.path_parameters().fields.items()
            ]
        return found

    def get_request_serializer(self) -> Any:
        """Return the shape of the body that it takes."""
        return self.view.body_parameters

    def get_response_serializers(self) -> Any:
        """Return what it answers, by status."""
        family = FAMILIES[self.view.family]
        found = {200: OpenApiResponse(self.view.output, HTTPStatus(200).phrase)}
        found |= {status: OpenApiResponse(family, HTTPStatus(status).phrase) for status in self.view.errors}
        if self.has_path_variables():
            # Of an id that no route takes, such as one with a slash or a new line in it.
            has_both = family is ErrorSerializer and 404 in found
            shape: Any = one_of("NotFound", ErrorSerializer, DetailSerializer) if has_both else DetailSerializer
            found[404] = OpenApiResponse(shape, HTTPStatus(404).phrase)
        if self.view.query_parameters or self.view.path_parameters or self.view.body_parameters:
            shape = InvalidSerializer
            if 422 in self.view.errors:
                # It also refuses what there is too little of.
                shape = one_of(f"NotTaken{self.view.family.capitalize()}", InvalidSerializer, family)
            found[422] = OpenApiResponse(shape, HTTPStatus(422).phrase)
        if self.view.limits:
            found[429] = OpenApiResponse(ErrorSerializer, HTTPStatus(429).phrase)
        return dict(sorted(found.items()))

    def has_path_variables(self) -> bool:
        """Tell whether something in the path is up to the client."""
        return "{" in self.path

    def get_examples(self) -> list[OpenApiExample]:
        """Return the example of its answer."""
        if self.view.example is None:
            return []
        return [OpenApiExample("example", self.view.example, response_only=True, status_codes=["200"])]

    def get_tags(self) -> list[str]:
        """Return its heading: the module of its view."""
        return [self.view.__class__.__module__.rpartition(".")[2]]

    def get_operation_id(self) -> str:
        """Return a name that stays when the address of another endpoint changes."""
        return str(self.view.operation or self.view.__class__.__name__.removesuffix("View"))

    def get_description(self) -> str:  # type: ignore[override] # as AutoSchema has it
        """Return what its class says of itself, without its address."""
        text = inspect.getdoc(self.view.__class__) or ""
        return text.partition(": ")[2] or text
