"""How X answers: problems, and what it finds wrong with a request, its values among it.

https://docs.x.com/x-api/fundamentals/response-codes-and-errors; the shape of a refused body is what developers show, as
in https://github.com/geduldig/TwitterAPI/issues/227.
"""

import json
from collections.abc import Sequence
from typing import Any

import httpx

PROBLEMS = "https://api.x.com/2/problems"
NOT_PERMITTED = "You are not permitted to perform this action."
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."


class Refused(Exception):
    """Raised anywhere in the far side; what it answers."""

    def __init__(self, response: httpx.Response):
        super().__init__(response.status_code)
        self.response = response


def problem(status: int, title: str, detail: str, *, kind: str = "", **more: Any) -> httpx.Response:
    given = {"title": title, "detail": detail, "type": f"{PROBLEMS}/{kind}" if kind else "about:blank"}
    return httpx.Response(status, json={**given, "status": status, **more})


def forbidden(detail: str = NOT_PERMITTED) -> Refused:
    return Refused(problem(403, "Forbidden", detail))


def unauthorized() -> Refused:
    return Refused(problem(401, "Unauthorized", "Unauthorized"))


def not_found(what: str, number: str) -> dict[str, Any]:
    return {
        "value": number,
        "detail": f"Could not find {what} with id: [{number}].",
        "title": "Not Found Error",
        "resource_type": what,
        "parameter": "id",
        "resource_id": number,
        "type": f"{PROBLEMS}/resource-not-found",
    }


def missing(what: str, number: str) -> Refused:
    return Refused(httpx.Response(404, json={**not_found(what, number), "status": 404}))


def invalid(*complaints: tuple[str, Any, str]) -> Refused:
    """Each: the parameter, what was sent, and what is wrong with it. It repeats what was sent, captions too."""
    errors = [
        {"parameters": {name: [value if isinstance(value, str) else json.dumps(value)]}, "message": message}
        for name, value, message in complaints
    ]
    detail = "One or more parameters to your request was invalid."
    return Refused(problem(400, "Invalid Request", detail, kind="invalid-request", errors=errors))


def refuse(complaints: Sequence[tuple[str, Any, str]]) -> None:
    if complaints:
        raise invalid(*complaints)


def said(data: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"data": data})
