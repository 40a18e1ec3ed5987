"""Operations: routes that say what they take and what they answer. The API's document is made of what they say."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import cleandoc
from typing import Any, Concatenate, Literal, ParamSpec, TypeAlias, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel

from edge import http, limits, people
from punctual.acting import Actor, acting

_REV = re.compile(r'(?P<quote>"?)(?P<rev>[0-9]{1,9})(?P=quote)')

Scope: TypeAlias = Literal["read", "write", "admin"]
Path = ParamSpec("Path")
Model = TypeVar("Model", bound=BaseModel)


class Media:
    """A body that is no JSON, of one of these content types."""

    def __init__(self, *content_types: str):
        self.content_types = content_types


HTML = Media("text/html")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """`answers` are the types of successful answers by status, or their Media, or None where there is no body; all
    have `headers`. `problems` are the codes beside those that any call may meet. Summary and description are the
    handler's docstring."""

    method: str
    path: str
    name: str
    """As a client's method is called."""
    tag: str
    answers: Mapping[int, Any]
    scope: Scope | None
    """What the key needs; None: no key is asked for."""
    body: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    """Instead of a JSON body."""
    query: type[BaseModel] | None = None
    problems: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    takes_idempotency_key: bool = False
    takes_if_match: bool = False
    takes_if_none_match: bool = False
    max_body_bytes: int = http.MAX_BODY_BYTES
    summary: str = ""
    description: str = ""


class Call:
    """One request to an operation, its caller known to hold the operation's scope."""

    def __init__(self, app: APIGatewayHttpResolver, operation: Operation):
        self.app = app
        self.operation = operation

    @cached_property
    def caller(self) -> http.Caller:
        return http.caller(self.app)

    @property
    def workspace_id(self) -> str:
        return self.caller.workspace_id

    @cached_property
    def json(self) -> dict[str, Any]:
        """Raises BadRequest, TooLarge."""
        return http.body(self.app, self.operation.max_body_bytes)

    def body(self, model: type[Model]) -> Model:
        """Raises BadRequest, TooLarge, Invalid."""
        return http.parsed(model, self.json)

    def fields(self) -> dict[str, str]:
        """Of a form. Raises TooLarge."""
        return http.form(self.app, self.operation.max_body_bytes)

    def query(self, model: type[Model]) -> Model:
        """Raises Invalid."""
        return http.parsed_query(model, self.app)

    def header(self, name: str) -> str | None:
        found: str | None = self.app.current_event.headers.get(name.lower())
        return found

    def revs(self) -> frozenset[int] | None:
        """The revisions that `If-Match` names; None: any. What is no ETag of ours matches nothing."""
        given = self.header("If-Match")
        if given is None or given.strip() == "*":
            return None
        tags = (_REV.fullmatch(tag.strip()) for tag in given.split(","))
        return frozenset(int(tag["rev"]) for tag in tags if tag)

    def knows(self, etag: str) -> bool:
        """Whether the client has this already, as `If-None-Match` says; compared weakly, as RFC 9110 wants it."""
        given = (self.header("If-None-Match") or "").split(",")
        return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in given)

    def own_url(self, configured: str) -> str:
        return http.own_url(self.app, configured)


Handler: TypeAlias = Callable[Concatenate[Call, Path], Response[Any]]


class Operations:
    """`@operations.route("GET /v1/posts/{post_id}", name="get_post", …)`, served by `edge.serving.resolver`."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.all: list[Operation] = []
        self._handlers: list[tuple[Operation, Callable[..., Response[str]]]] = []

    def route(
        self,
        route: str,
        *,
        name: str,
        scope: Scope | None,
        answers: Mapping[int, Any],
        body: type[BaseModel] | None = None,
        form: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        problems: tuple[str, ...] = (),
        headers: tuple[str, ...] = (),
        takes_idempotency_key: bool = False,
        takes_if_match: bool = False,
        takes_if_none_match: bool = False,
        max_body_bytes: int = http.MAX_BODY_BYTES,
    ) -> Callable[[Handler[Path]], Handler[Path]]:
        method, path = route.split(" ")

        def added(handler: Handler[Path]) -> Handler[Path]:
            summary, _, description = (handler.__doc__ or "").strip().partition("\n")
            operation = Operation(
                method=method,
                path=path,
                name=name,
                tag=self.tag,
                answers=answers,
                scope=scope,
                body=body,
                form=form,
                query=query,
                problems=problems,
                headers=headers,
                takes_idempotency_key=takes_idempotency_key,
                takes_if_match=takes_if_match,
                takes_if_none_match=takes_if_none_match,
                max_body_bytes=max_body_bytes,
                summary=summary.rstrip("."),
                description=cleandoc(description),
            )
            self.all.append(operation)
            self._handlers.append((operation, handler))
            return handler

        return added

    def serve(self, app: APIGatewayHttpResolver) -> None:
        for operation, handler in self._handlers:
            path = operation.path.replace("{", "<").replace("}", ">")
            app.route(path, method=[operation.method])(_called(app, operation, handler))


def _called(
    app: APIGatewayHttpResolver, operation: Operation, handler: Callable[..., Response[str]]
) -> Callable[..., Response[str]]:
    def run(**path: str) -> Response[str]:
        call = Call(app, operation)
        if operation.scope is None:
            return handler(call, **path)
        limits.count(app, call.caller)
        call.caller.needs(operation.scope)
        people.check(call.caller, scope=operation.scope, operation=operation.name)
        with acting(Actor(key_id=call.caller.key_id, request_id=http.request_id(app))):
            return handler(call, **path)

    return run
