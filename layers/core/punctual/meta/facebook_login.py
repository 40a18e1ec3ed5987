"""Facebook Login, by which pages, and Instagram's accounts of theirs, are connected: a person, and what they manage.

https://developers.facebook.com/docs/facebook-login/guides/access-tokens
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import SecretStr

from punctual.meta.graph import GraphProvider, id_of
from punctual.meta.lists import objects
from punctual.providers.base import Account, App, Callback, Grant, Login
from punctual.providers.outcomes import ScopesMissing
from punctual.providers.talking import Bearer
from punctual.providers.token_answers import token

_PAGES = 20
"""Of answers, each with a hundred of what a person manages."""


class FacebookLogin(GraphProvider):
    """Each page has a token of its own, without an end where the person's token lasts: it dies with their password,
    their role on the page, or the app's permissions."""

    host = "https://graph.facebook.com"
    sites = ("facebook.com",)
    page_fields: ClassVar[str]
    """What `account_of` needs to know of a page, beside its token."""

    def account_of(self, page: Mapping[str, Any]) -> Account | None:
        """The account that a page's token is for; None: there is none that can be posted to."""
        raise NotImplementedError

    def authenticate(self, callback: Callback) -> Login:
        grant = self.exchange(callback)
        if missing := self.missing_scopes(grant):
            raise ScopesMissing(self.spec.name, missing)
        held = self._held(grant)
        return Login(
            grant=grant,
            accounts=tuple(account for account, _ in held),
            grants={account.id: own for account, own in held},
            id=grant.extra["user_id"],
        )

    def exchange(self, callback: Callback) -> Grant:
        """A token's answer does not say what the person allowed: they may take away any permission on the page.

        https://developers.facebook.com/docs/graph-api/reference/user/permissions
        """
        grant = super().exchange(callback)
        user_id = id_of(self.read("me", grant, fields="id"))
        allowed = objects(self.read("me/permissions", grant).get("data"))
        scopes = tuple(str(each.get("permission")) for each in allowed if each.get("status") == "granted")
        return replace(grant, scopes=scopes, extra={"user_id": user_id, "app_id": callback.app.client_id})

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        return tuple(account for account, _ in self._held(grant))

    def can_refresh(self, grant: Grant) -> bool:
        return False

    def revoke(self, grant: Grant, app: App | None) -> None:
        """All that the person gave to the app, by the app's own proof: their token may have expired by now.

        https://developers.facebook.com/docs/graph-api/reference/user/permissions
        """
        user_id = grant.extra.get("user_id")
        if app is None or app.client_secret is None or user_id is None:
            return
        proof = SecretStr(f"{app.client_id}|{app.client_secret.get_secret_value()}")
        self.call("DELETE", self.at(f"{user_id}/permissions"), auth=Bearer(proof))

    def _held(self, grant: Grant) -> list[tuple[Account, Grant]]:
        found = []
        for page in self._pages(grant):
            own, account = token(page.get("access_token")), self.account_of(page)
            if own and account:
                found.append((account, replace(grant, access_token=SecretStr(own), expires_at=None)))
        return found

    def _pages(self, grant: Grant) -> Iterator[Mapping[str, Any]]:
        """https://developers.facebook.com/docs/graph-api/reference/user/accounts"""
        asked = {"fields": f"access_token,{self.page_fields}", "limit": "100"}
        for _ in range(_PAGES):
            found = self.read("me/accounts", grant, **asked)
            yield from objects(found.get("data"))
            paging = found.get("paging")
            cursors = paging.get("cursors") if isinstance(paging, dict) and paging.get("next") else None
            if not isinstance(cursors, dict) or not cursors.get("after"):
                return
            asked["after"] = str(cursors["after"])
