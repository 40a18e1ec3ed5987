"""The far side of both systems: the deployed sandbox, its timeline, and a token for whoever is not Punctual."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx

from local.browsing import Form
from local.problems import LocalError
from local.stack import Stack

TOKEN_SECONDS = 86_400
PATIENT = httpx.Timeout(120)
"""Of calls that only prepare or look: an emulator at work on two cores may take its time."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    text: str
    at: datetime


def arrivals(client: httpx.Client, handle: str) -> list[Arrival]:
    """Posts of accounts that are named so, by the sandbox's own stamps: when a call reached its API Gateway."""
    shown = client.get("/sandbox/api/timeline", params={"limit": 1000}).raise_for_status().json()["posts"]
    ours = [each for each in shown if each["handle"].startswith(handle)]
    return [Arrival(text=each["text"], at=datetime.fromisoformat(each["arrived_at"])) for each in ours]


def token(stack: Stack, handle: str) -> str:
    """By the same OAuth as Punctual's own: a person consents, the code is redeemed with its verifier."""
    verifier = secrets.token_urlsafe(48)
    client = {"client_id": "punctual", "redirect_uri": f"{stack.url}/nobody"}
    with httpx.Client(base_url=f"{stack.url}/sandbox/oauth/", timeout=30, trust_env=False) as browser:
        code = _consented(browser, {**client, "code_challenge": _challenge(verifier)}, handle)
        given = {**client, "grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        return str(browser.post("token", data=given).raise_for_status().json()["access_token"])


def _consented(browser: httpx.Client, asked: dict[str, str], handle: str) -> str:
    query = {**asked, "response_type": "code", "code_challenge_method": "S256", "scope": "read write"}
    page = browser.get(f"authorize?{urlencode(query)}").raise_for_status()
    form = Form()
    form.feed(page.text)
    typed = {**form.fields, "handle": handle, "lifetime": str(TOKEN_SECONDS), "decision": "allow"}
    back = browser.post(urljoin(str(page.url), form.action or ""), data=typed)
    found = dict(parse_qsl(urlsplit(back.headers.get("location", "")).query))
    if "code" not in found:
        raise LocalError(f"The sandbox gave no code: {back.status_code} {found.get('error', '')}")
    return found["code"]


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
