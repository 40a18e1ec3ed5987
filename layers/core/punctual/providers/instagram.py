"""Instagram accounts that are linked to a Facebook page, by Facebook Login.

https://developers.facebook.com/docs/instagram-platform/instagram-api-with-facebook-login
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from punctual.instagram_api.accounts import account_of
from punctual.instagram_api.publishing import SPEC, PublishesToInstagram
from punctual.meta.facebook_login import FacebookLogin
from punctual.meta.graph import id_of, is_gone
from punctual.providers.base import Account, App, Callback, ClientIdAndSecret, Consent, Grant, Login, Published, Spec
from punctual.providers.outcomes import Rejected

_MAY_POST = frozenset({"CREATE_CONTENT", "MANAGE"})


class InstagramApp(ClientIdAndSecret):
    """Facebook shows an error to whoever made the app where a permission is asked for that it does not have."""

    more_scopes: Annotated[
        str,
        Field(
            max_length=500,
            pattern=r"^([a-z0-9_]+( [a-z0-9_]+)*)?$",
            description="Further permissions of the app: instagram_manage_contents, by which posts are taken down.",
        ),
    ] = ""


class Instagram(PublishesToInstagram, FacebookLogin):
    page_fields = "id,tasks,instagram_business_account{id,username,name}"
    spec = Spec(
        id="instagram",
        name="Instagram",
        docs_url="https://developers.facebook.com/docs/instagram-platform/instagram-api-with-facebook-login",
        authorize_url="https://www.facebook.com/{version}/dialog/oauth",
        token_url="https://graph.facebook.com/{version}/oauth/access_token",  # noqa: S106 - an address
        token_method="GET",  # noqa: S106 - a verb
        scopes=("instagram_basic", "instagram_content_publish", "pages_show_list", "pages_read_engagement"),
        optional_scopes=("instagram_manage_comments", "business_management"),  # first comments; pages of a business
        app_fields=InstagramApp,
        login_of="facebook",  # one app may serve both: Meta then sends its notices to one address
        setup="Make an app of the type Business at https://developers.facebook.com/apps; docs/providers/instagram.md.",
        no_accounts=(
            "It posts to professional accounts that are linked to a Facebook page: link the account to a page that the "
            "person may make content for, and choose both in the login."
        ),
        can_delete=True,
        revoking_ends_login=True,
        **SPEC,
    )

    def app(self, fields: InstagramApp) -> App:
        public = {"more_scopes": fields.more_scopes}
        return App(client_id=fields.client_id, client_secret=fields.client_secret, public=public)

    def auth_params(self, consent: Consent) -> dict[str, str]:
        more = consent.app.public.get("more_scopes", "").split()
        return {**super().auth_params(consent), "scope": ",".join(dict.fromkeys((*self.scope().split(","), *more)))}

    def authenticate(self, callback: Callback) -> Login:
        login = super().authenticate(callback)
        return replace(login, accounts=self.with_quotas(login.accounts, login.grants))

    def account_of(self, page: Mapping[str, Any]) -> Account | None:
        """https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media_publish"""
        account, tasks = page.get("instagram_business_account"), page.get("tasks")
        if not isinstance(account, dict) or (isinstance(tasks, list) and not _MAY_POST & {*map(str, tasks)}):
            return None
        return account_of(account, id_of(account))

    def delete(self, published: Published, grant: Grant, account: Account) -> None:
        """Meta has taken posts down since December 2025, with a permission of its own. Without it, it answers as if
        there were no such post: then the post itself is asked for.

        https://developers.facebook.com/docs/instagram-platform/reference/instagram-media
        """
        try:
            self.call("DELETE", self.at(published.platform_id), grant=grant)
        except Rejected as error:
            if not is_gone(error):
                raise
            if self._is_there(published, grant):
                sentence = "Instagram does not let this connection take posts down: it lacks instagram_manage_contents."
                raise Rejected(sentence, code="permission_missing") from error

    def _is_there(self, published: Published, grant: Grant) -> bool:
        try:
            self.read(published.platform_id, grant, fields="id")
        except Rejected as error:
            if not is_gone(error):
                raise
            return False
        return True


PROVIDER = Instagram
