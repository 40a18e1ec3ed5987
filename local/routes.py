"""The HTTP API's authorizer, integrations and routes, from the template.

MiniStack does not import the OpenAPI body that SAM makes of them; the day it does, this file can go."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.emulator import REGION

Resources = Mapping[str, Mapping[str, Any]]
ACCOUNT = "000000000000"


@dataclass(frozen=True, kw_only=True)
class Route:
    function: str
    key: str
    is_open: bool


def make(gateway: Any, template: Resources, physical: Mapping[str, str]) -> None:
    """Replaces what there is, so it may run after every deploy."""
    api_id = physical["Api"]
    wanted = [route for route in declared(template) if route.function in physical]
    before = gateway.get_routes(ApiId=api_id)["Items"]
    integrations = gateway.get_integrations(ApiId=api_id)["Items"]
    authorizers = gateway.get_authorizers(ApiId=api_id)["Items"]
    authorizer_id = _create_authorizer(gateway, api_id, template["Api"]["Properties"]["Auth"], physical)
    for route in before:
        gateway.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    made = {
        function: _integrate(gateway, api_id, physical[function]) for function in {route.function for route in wanted}
    }
    for route in wanted:
        guard = {} if route.is_open else {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer_id}
        gateway.create_route(ApiId=api_id, RouteKey=route.key, Target=f"integrations/{made[route.function]}", **guard)
    for integration in integrations:
        gateway.delete_integration(ApiId=api_id, IntegrationId=integration["IntegrationId"])
    for authorizer in authorizers:
        gateway.delete_authorizer(ApiId=api_id, AuthorizerId=authorizer["AuthorizerId"])


def declared(template: Resources) -> Iterator[Route]:
    for name, resource in template.items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        for event in resource["Properties"].get("Events", {}).values():
            if event["Type"] == "HttpApi":
                given = event["Properties"]
                is_open = given.get("Auth", {}).get("Authorizer") == "NONE"
                yield Route(function=name, key=f"{given['Method'].upper()} {given['Path']}", is_open=is_open)


def _integrate(gateway: Any, api_id: str, function_name: str) -> str:
    made = gateway.create_integration(
        ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=_invocation(function_name), PayloadFormatVersion="2.0"
    )
    return str(made["IntegrationId"])


def _create_authorizer(gateway: Any, api_id: str, auth: Mapping[str, Any], physical: Mapping[str, str]) -> str:
    name = auth["DefaultAuthorizer"]
    given = auth["Authorizers"][name]
    made = gateway.create_authorizer(
        ApiId=api_id,
        Name=name,
        AuthorizerType="REQUEST",
        AuthorizerUri=_invocation(physical[given["FunctionArn"]["Fn::GetAtt"][0]]),
        AuthorizerPayloadFormatVersion=given["AuthorizerPayloadFormatVersion"],
        EnableSimpleResponses=given["EnableSimpleResponses"],
        AuthorizerResultTtlInSeconds=given["Identity"]["ReauthorizeEvery"],
        IdentitySource=[f"$request.header.{header}" for header in given["Identity"]["Headers"]],
    )
    return str(made["AuthorizerId"])


def _invocation(function_name: str) -> str:
    function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function_name}"
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function_arn}/invocations"
