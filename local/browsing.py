"""A person's browser, as far as connecting a channel needs one: redirects, cookies, one form."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from local.problems import LocalError


@dataclass
class Form(HTMLParser):
    """The first form of a page: where it goes, and the fields it starts with."""

    action: str | None = None
    fields: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action = given.get("action", "")
        elif tag == "input" and "name" in given and given.get("type") != "submit":
            self.fields[given["name"]] = given.get("value", "")


def connect(authorization_url: str, *, handle: str = "ada", decision: str = "allow") -> httpx.Response:
    """Opens the address, answers the sandbox's consent page, and returns the page the person ends on."""
    with httpx.Client(follow_redirects=True, timeout=30, trust_env=False) as browser:
        consent = browser.get(authorization_url)
        form = Form()
        form.feed(consent.text)
        if consent.is_error or form.action is None:
            raise LocalError(
                f"Instead of a consent page came {consent.status_code} from {consent.url}: {consent.text[:500]}"
            )
        return browser.post(
            urljoin(str(consent.url), form.action), data={**form.fields, "handle": handle, "decision": decision}
        )
