"""OAuth 2.0 as RFC 6749, 7009, 7636 and 9207 have it; for whom, clients.py says."""

import json
from typing import NoReturn
from urllib.parse import parse_qsl, urlencode, urlsplit

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from sandbox import accounts, clients, codes, grants, pages
from sandbox.errors import OAuthRefusal, Refusal
from sandbox.network import Call

SCOPE = "read write"
_YEAR = 365 * 86_400

router = APIGatewayHttpRouter()


@router.get("/sandbox/oauth/authorize")
def ask() -> Response[str]:
    call: Call = router.context["call"]
    asked = dict(router.current_event.query_string_parameters or {})
    redirect_uri = _redirect_uri(call, asked)
    wrong = _wrong(asked)
    if wrong:
        return _back(call, redirect_uri, asked, {"error": wrong})
    return pages.consent(f"{call.base}/oauth/authorize", asked)


@router.post("/sandbox/oauth/authorize")
def decide() -> Response[str]:
    call: Call = router.context["call"]
    form = _form()
    redirect_uri = _redirect_uri(call, form)
    wrong = _wrong(form)
    if wrong or form.get("decision") != "allow":
        return _back(call, redirect_uri, form, {"error": wrong or "access_denied"})
    consented = codes.Consented(
        client_id=form["client_id"],
        redirect_uri=redirect_uri,
        code_challenge=form["code_challenge"],
        scope=form.get("scope") or SCOPE,
        handle=accounts.typed(form.get("handle", "")).handle,
        lifetime=_number(form, "lifetime", most=_YEAR) or 300,
        renewable=_number(form, "renewable", least=0, most=_YEAR),
        daily_posts=_number(form, "daily_posts", most=250),
        teams=_number(form, "teams", most=500),
    )
    return _back(call, redirect_uri, form, {"code": codes.issue(call.table, consented, call.now())})


@router.post("/sandbox/oauth/token")
def token() -> Response[str]:
    call: Call = router.context["call"]
    form = _form()
    client_id = clients.authenticated(call.table, form)
    given = form.get("grant_type")
    if given == "authorization_code":
        proof = {"redirect_uri": _needed(form, "redirect_uri"), "verifier": _needed(form, "code_verifier")}
        issued = codes.redeem(call.table, _needed(form, "code"), client_id, **proof, at=call.now())
    elif given == "refresh_token":
        issued = grants.rotate(call.table, _needed(form, "refresh_token"), client_id, call.now())
    else:
        raise OAuthRefusal(400, "unsupported_grant_type", "Only authorization_code and refresh_token are known.")
    answer = {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.seconds,
        "scope": issued.scope,
        **({"refresh_token": issued.refresh_token} if issued.refresh_token else {}),
        **({"refresh_token_expires_in": issued.renewable} if issued.renewable else {}),
    }
    return Response(200, "application/json", json.dumps(answer), {"Cache-Control": "no-store"})


@router.post("/sandbox/oauth/revoke")
def revoke() -> Response[str]:
    call: Call = router.context["call"]
    form = _form()
    grants.revoke_token(call.table, _needed(form, "token"), clients.authenticated(call.table, form), call.now())
    return Response(200, "application/json", "{}")


def _redirect_uri(call: Call, asked: dict[str, str]) -> str:
    """Checked first: only a person, never a redirect, is told that the client or its address is wrong."""
    given = asked.get("redirect_uri", "")
    parts = urlsplit(given)
    clients.check_redirect(call.table, asked.get("client_id", ""), given)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.fragment:
        raise Refusal(400, "invalid_redirect_uri", "redirect_uri must be an http or https URL without a fragment.")
    return given


def _wrong(asked: dict[str, str]) -> str | None:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
        return "invalid_request"
    return None


def _back(call: Call, redirect_uri: str, asked: dict[str, str], answer: dict[str, str]) -> Response[str]:
    state = {"state": asked["state"]} if asked.get("state") else {}
    query = urlencode({**answer, **state, "iss": call.base})
    separator = "&" if urlsplit(redirect_uri).query else "?"
    headers = {"Location": f"{redirect_uri}{separator}{query}", "Cache-Control": "no-store"}
    return Response(303, "text/plain", "", headers)


def _number(form: dict[str, str], name: str, *, most: int, least: int = 1) -> int | None:
    given = form.get(name)
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or not least <= int(given) <= most:
        raise Refusal(400, f"bad_{name}", f"{name} is a number from {least} to {most}.")
    return int(given)


def _form() -> dict[str, str]:
    """API Gateway hands forms over in base64."""
    return dict(parse_qsl(router.current_event.decoded_body or "", keep_blank_values=True))


def _needed(form: dict[str, str], name: str) -> str:
    return form.get(name) or _missing(name)


def _missing(name: str) -> NoReturn:
    raise OAuthRefusal(400, "invalid_request", f"{name} is missing.")
