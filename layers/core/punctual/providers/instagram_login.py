"""Instagram accounts, by Instagram's own login: no Facebook page is needed.

https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from punctual.instagram_api.accounts import account_of
from punctual.instagram_api.publishing import SPEC, PublishesToInstagram
from punctual.meta.graph import SelfRenewing, id_of
from punctual.providers.base import Account, Callback, ClientIdAndSecret, Grant, Login, Spec
from punctual.providers.outcomes import ScopesMissing

_ME = "id,user_id,username,name"


class InstagramLogin(PublishesToInstagram, SelfRenewing):
    host = "https://graph.instagram.com"
    token_prefix = "ig"  # noqa: S105 - of grant types
    spec = Spec(
        id="instagram_login",
        name="Instagram Login",
        docs_url="https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login",
        authorize_url="https://www.instagram.com/oauth/authorize",
        token_url="https://api.instagram.com/oauth/access_token",  # noqa: S106 - an address
        scopes=("instagram_business_basic", "instagram_business_content_publish"),
        optional_scopes=("instagram_business_manage_comments",),  # for first comments
        app_fields=ClientIdAndSecret,
        setup="Give an app Instagram's API at https://developers.facebook.com/apps; docs/providers/instagram_login.md.",
        no_accounts="It posts to professional accounts: make the account one, in Instagram's settings.",
        **SPEC,
    )

    def authenticate(self, callback: Callback) -> Login:
        """`id` is the person's under this app, as Meta's notices have it; `user_id` the account's."""
        grant = self.exchange(callback)
        if missing := self.missing_scopes(grant):
            raise ScopesMissing(self.spec.name, missing)
        me = self.read("me", grant, fields=_ME)
        return Login(grant=grant, accounts=self._accounts(me, grant), id=id_of(me))

    def exchange(self, callback: Callback) -> Grant:
        """`#_` stands behind the code, and is no part of it:
        https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login"""
        return super().exchange(replace(callback, code=callback.code.removesuffix("#_")))

    def granted(self, given: Mapping[str, Any]) -> tuple[str, ...] | None:
        """As text or as a list, and under a name of its own."""
        return super().granted({"scope": given.get("permissions", given.get("scope"))})

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        return self._accounts(self.read("me", grant, fields=_ME), grant)

    def _accounts(self, me: Mapping[str, Any], grant: Grant) -> tuple[Account, ...]:
        account = account_of(me, id_of(me, "user_id"))
        return self.with_quotas((account,), {account.id: grant})


PROVIDER = InstagramLogin
