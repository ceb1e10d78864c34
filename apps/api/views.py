"""The base of every endpoint. docs/api.md says in a page how one is added."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.api import caching, limits, middleware
from apps.api.caching import NotKept
from apps.api.limits import Limit, Window
from apps.api.parameters import Invalid, Parameters, Values, read_body, read_query, read_values
from apps.api.responses import JSON, Exceeded, encode, encode_as, reply
from apps.api.schema import Schema


class ApiView(APIView):
    """An endpoint: declares its parameters and limits, and answers in ``get`` (``post``, …).

    The method is called after the checks of docs/contract/rest.md#order-of-checks: who asks, parameters, limits. It
    finds the parameters in ``self.query`` and ``self.body``, those of its path as arguments.
    """

    # Serializers of the query, of path variables that are more than a text, and of the body.
    query_parameters: ClassVar[Parameters | None] = None
    path_parameters: ClassVar[Parameters | None] = None
    body_parameters: ClassVar[Parameters | None] = None
    # Content type → shape of a body that the endpoint reads itself: a file.
    body_file: ClassVar[Mapping[str, Any] | None] = None
    # A request that exceeds any of them is refused; the headers report the first one.
    limits: ClassVar[tuple[Limit, ...]] = ()
    # Key of an error's body: ``error`` or ``detail``.
    family: ClassVar[str] = "error"
    # Statuses whose key is ``detail`` whatever the family.
    detail_errors: ClassVar[tuple[int, ...]] = (401, 403)
    # Whether a process may repeat a cached answer for half a minute without looking up its key.
    repeats: ClassVar[bool] = True
    # Its name in the schema, a verb first; a second address of an endpoint has another one.
    operation: ClassVar[str]
    # For the schema: shape and status of the answer, errors beside those of parameters and limits, an example.
    output: Any
    status: ClassVar[int] = 200
    # Of an answer that is not JSON.
    media_type: ClassVar[str] = ""
    # Another type that it may have, where a parameter asks for it → an example.
    other_media: ClassVar[Mapping[str, Any]] = {}
    errors: ClassVar[tuple[int, ...]] = ()
    # Status of an error → another shape that its body may have.
    other_errors: ClassVar[Mapping[int, Any]] = {}
    example: ClassVar[Any] = None
    # Answers have the shape of the output already: a serializer would take a second for 50,000 credits.
    is_shaped: ClassVar[bool] = False

    # For the schema; the body is read by ``apps.api.parameters``.
    parser_classes = (JSONParser,)
    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes = ()
    # HEAD and OPTIONS are refused like every other method that an endpoint does not have.
    http_method_names = ["get", "post", "put", "delete"]  # noqa: RUF012 - as Django has it
    schema = Schema()

    query: Values
    body: Values
    window: Window | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request; refuse a wrong method before authentication."""
        if request.method not in self.allowed_methods:
            return method_not_allowed(request, self.allowed_methods)
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Check authentication, permissions, parameters and rate limits, in this order."""
        self.perform_authentication(request)
        self.check_permissions(request)
        self.read_parameters(request)
        self.count_request()

    def read_parameters(self, request: Request) -> None:
        """Read path, query and body; report all errors at once."""
        wrong: list[dict[str, Any]] = []
        try:
            if self.path_parameters is not None:
                self.kwargs.update(read_values(self.path_parameters, "path", self.kwargs))
        except Invalid as error:
            wrong += error.entries
        try:
            if self.query_parameters is not None:
                self.query = read_query(self.query_parameters, request.META.get("QUERY_STRING", ""))
        except Invalid as error:
            wrong += error.entries
        try:
            if self.body_parameters is not None:
                self.body = read_body(self.body_parameters, request._request)  # noqa: SLF001
        except Invalid as error:
            wrong += error.entries
        if wrong:
            raise Invalid(wrong)

    def count_request(self) -> None:
        """Count the request against every limit."""
        windows = limits.count_request(self.request.META, self.request.path_info, self.limits)
        exceeded = [window for window in windows if window.is_exceeded]
        self.window = next(iter(exceeded or windows), None)
        if exceeded:
            raise Exceeded(f"Rate limit exceeded: {exceeded[0].limit}")

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """Add the rate limit headers, unless the answer is a ``detail`` error."""
        if self.window is not None and (
            self.family == "error" or response.status_code < 400 or self.window.is_exceeded
        ):
            for name, value in self.window.build_headers().items():
                response[name] = value
        return response

    def reply(self, found: Any) -> HttpResponse:
        """Return an answer as JSON, uncached."""
        return HttpResponse(self.encode(found), content_type=JSON)

    def encode(self, found: Any) -> bytes:
        """Return data as JSON, in the shape of the output."""
        return encode(found) if self.is_shaped else encode_as(self.output, found)

    def reply_cached(
        self, key: str, seconds: int, compute: Callable[[], Any], *, keeps: Callable[[Any], bool] = lambda _: True
    ) -> HttpResponse:
        """Return the cached answer of a key, or what ``compute`` returns, which is cached if ``keeps`` says so.

        A client that has this answer already (``If-None-Match``) gets 304.
        """

        def work_out() -> bytes:
            computed = compute()
            body = self.encode(computed)
            if not keeps(computed):
                raise NotKept(body)
            return body

        found = caching.get_or_compute(key, seconds, work_out)
        if self.repeats and not (self.authentication_classes or self.permission_classes):
            middleware.offer_answer(self.request._request, found, seconds, self.limits)  # noqa: SLF001
        if found.is_known_by(self.request.META.get("HTTP_IF_NONE_MATCH", "")):
            response = HttpResponse(status=304)
            del response["Content-Type"]
        else:
            response = HttpResponse(found.body, content_type=JSON)
        response["ETag"] = found.tag
        return response


class SharedAddress(ApiView):
    """An address with an endpoint for each of its methods."""

    # Method in capitals → endpoint.
    by_method: ClassVar[Mapping[str, type[ApiView]]]

    def __init_subclass__(cls) -> None:
        """Have its methods, as DRF and the schema expect."""
        for method, view in cls.by_method.items():
            setattr(cls, method.lower(), getattr(view, method.lower()))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request by the endpoint of its method."""
        view = self.by_method.get(request.method or "")
        if view is None:
            return method_not_allowed(request, self.allowed_methods)
        return view.as_view()(request, *args, **kwargs)


def method_not_allowed(request: HttpRequest, allowed: list[str]) -> HttpResponse:
    """Return 405; without a body for HEAD, as HTTP demands."""
    refusal = {"detail": "Method Not Allowed"}
    response = HttpResponse(status=405) if request.method == "HEAD" else reply(refusal, 405)
    response["Allow"] = ", ".join(allowed)
    return response


def parse_choice(value: str, allowed: tuple[str, ...], name: str) -> str:
    """Return a word in lower case, which must be one of the allowed ones.

    Raises:
        ParseError: it is not; the answer is 400 and lists the allowed ones.
    """
    word = value.lower()
    if word not in allowed:
        raise exceptions.ParseError(f"Invalid {name} {value!r}: give one of {', '.join(allowed)}")
    return word
