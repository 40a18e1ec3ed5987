"""Writes the answers of the document's examples as the real handlers give them: `make openapi-examples [ONLY=name]`."""

import json
import re
import sys
from typing import Any

import pytest

from local.openapi.examples import FOLDER, named
from tests.document.calling import Call, calls
from tests.document.scenes import Real, scene
from tests.integration.api.deployed import Deployed, forget

_ID = re.compile(r"\b(ws|key|chn|con|lnk|post|dlv|att|exp|med|evt|whk|cal)_[0-9A-HJKMNP-TV-Z]{26}\b")
_TICKET = re.compile(r"(?<=ticket=)[\w.-]+")
_TOKEN = re.compile(r"(?<=/connect/)[\w.-]+|(?<=/calendar/)[\w.-]+")
_SIGNED = re.compile(r'"(policy|x-amz-signature)": ?"[^"]*"')
_SIGNATURE = re.compile(r"(?<=X-Amz-Signature=)\w+")
_OF_A_KEY = re.compile(r'"(x|y|kid)": ?"[\w-]{43}"')
_KEY = {
    "x": "3A5LY-x8F1VqMR_jaF3RXWa5F4h2GSl6OR1XR2J-IcE",
    "y": "F1Ze56wq2zxuK90Ol8yg7ExguZN41DduEvqhQOqh_Vo",
    "kid": "Xg6d47xAvohLdJrgdd_EFRgrCQL4GC0yTL1BDQM0bw8",
}
_BY_HAND = ("get_openapi",)
_SECRET = re.compile(r"whsec_[\w+/=]+")
_FIRST = 4
"""Behind the numbers that the examples' own ids have."""


def main(only: str) -> None:
    for call in calls():
        is_wanted = call.name == only if only else (FOLDER / f"{call.name}.json").exists()
        if is_wanted and call.name not in _BY_HAND:
            with pytest.MonkeyPatch.context() as patch:
                _record(Deployed(patch), call)
            forget()


def _record(deployed: Deployed, call: Call) -> None:
    tenant = deployed.tenant(scopes=("read", "write", "admin"))
    real = scene(call.name, deployed, tenant)
    answer = call.send(tenant.api, real)
    if answer.status_code != named(call.name).status:
        sys.exit(f"{call.name} was answered {answer.status_code}: {answer.text}")
    if answer.headers.get("content-type") == "application/json":
        path = FOLDER / f"{call.name}.json"
        recorded = {**json.loads(path.read_text()), "body": _anonymous(answer.text, real)}
        path.write_text(json.dumps(recorded, indent=2, ensure_ascii=False) + "\n")


def _anonymous(text: str, real: Real) -> Any:
    """Real ids as those of the example, others by number, keys as one: what is recorded again is the same."""
    for placeholder, value in real.items():
        text = text.replace(value, placeholder) if _ID.fullmatch(placeholder) else text
    others = [found for found in dict.fromkeys(match[0] for match in _ID.finditer(text)) if found not in real]
    for number, found in enumerate(others, _FIRST):
        text = text.replace(found, f"{found.partition('_')[0]}_01KJ{number:022}")
    text = _OF_A_KEY.sub(lambda found: f'"{found[1]}": "{_KEY[found[1]]}"', text)
    text = _SIGNATURE.sub("SIGNATURE", _SIGNED.sub(r'"\1": "AS-SIGNED"', text))
    text = _SECRET.sub("whsec_AS-MADE", text)
    return json.loads(_TOKEN.sub("TOKEN", _TICKET.sub("TICKET", text)))


if __name__ == "__main__":
    main(*sys.argv[1:2] or [""])
