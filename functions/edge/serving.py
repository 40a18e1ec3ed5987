"""A function's routes, served: every problem reaches HTTP here, and only here."""

from collections.abc import Callable

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from edge import limits
from edge.http import answer, request_id
from edge.operations import Operations
from punctual.problems import NotFound, Problem

MAX_PATH = 200
"""Longer than any of ours, and shorter than what DynamoDB takes as a key."""
PROBLEM_JSON = "application/problem+json"
ALLOWED_HEADERS = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match"]
EXPOSED_HEADERS = ["ETag", "Idempotent-Replayed", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"]
"""What a browser lets a page read."""
_NOTHING_HERE = "There is nothing at this address."


def resolver(log: Logger, *operations: Operations) -> APIGatewayHttpResolver:
    app = APIGatewayHttpResolver(cors=CORSConfig(allow_headers=ALLOWED_HEADERS, expose_headers=EXPOSED_HEADERS))
    app.use(middlewares=[_refuse_long_paths, _tell_limits])
    for each in operations:
        each.serve(app)

    @app.exception_handler(Problem)
    def _problem(problem: Problem) -> Response[str]:
        again = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
        return answer(problem.status, problem.body(request_id(app)), PROBLEM_JSON, {**limits.told(app), **again})

    @app.not_found
    def _no_route(_: NotFoundError) -> Response[str]:
        return _problem(NotFound("no_such_route", _NOTHING_HERE))

    @app.exception_handler(Exception)
    def _fault(fault: Exception) -> Response[str]:
        log.error("fault", extra={"fault": type(fault).__name__, "where": _where(fault)})
        return _problem(Problem("internal_error", "Something broke on our side. The request may be sent again."))

    return app


def _refuse_long_paths(app: APIGatewayHttpResolver, go_on: Callable[..., Response[str]]) -> Response[str]:
    if len(app.current_event.path) > MAX_PATH:
        raise NotFound("no_such_route", _NOTHING_HERE)
    return go_on(app)


def _tell_limits(app: APIGatewayHttpResolver, go_on: Callable[..., Response[str]]) -> Response[str]:
    response = go_on(app)
    response.headers.update(limits.told(app))
    return response


def _where(fault: BaseException) -> list[str]:
    """The stack without its values: messages of faults may quote what a user wrote."""
    found = []
    trace = fault.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found[-8:]
