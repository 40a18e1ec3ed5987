"""What routes of the API ask of a request: who makes it, and what it says."""

import json
from typing import Any, NoReturn, TypeVar

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox import grants, limits
from sandbox.errors import Refusal, unauthorized
from sandbox.network import Call

Asked = TypeVar("Asked", bound=BaseModel)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Router(APIGatewayHttpRouter):
    def call(self) -> Call:
        found: Call = self.context["call"]
        return found

    def holder(self) -> grants.Holder:
        scheme, _, token = self.header("Authorization").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthorized("invalid_token", "An access token is needed.")
        holder = grants.holder(self.call().table, token, self.call().now())
        named = self.header("Sandbox-Account")
        return holder.acting_as(named) if named else holder

    def maker(self) -> grants.Holder:
        """Whoever makes something, if the account is not limited."""
        holder = self.holder()
        limits.check(self.call(), holder)
        return holder

    def read(self, model: type[Asked]) -> Asked:
        try:
            return model.model_validate_json(self.current_event.decoded_body or "")
        except ValidationError:
            wrong("invalid_request")

    def header(self, name: str) -> str:
        return str(self.current_event.headers.get(name.lower()) or "")

    def asked(self) -> dict[str, str]:
        return dict(self.current_event.query_string_parameters or {})

    def json(self, answer: dict[str, Any], status: int = 200) -> Response[str]:
        return Response(status, "application/json", json.dumps(answer), self.call().headers)

    def waiting(self, answer: dict[str, Any], status: int = 200, *, until: str) -> Response[str]:
        """Not yet: the answer says how long to wait."""
        self.call().headers["Retry-After"] = str(self.call().seconds_until(until))
        return self.json(answer, status)


def wrong(code: str) -> NoReturn:
    raise Refusal(400, code, "The request is not one that this network knows.")
