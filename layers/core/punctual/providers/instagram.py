"""Instagram accounts that are linked to a Facebook page, by Facebook Login.

https://developers.facebook.com/docs/instagram-platform/instagram-api-with-facebook-login
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from punctual.instagram_api.accounts import account_of
from punctual.instagram_api.publishing import SPEC, PublishesToInstagram
from punctual.meta.facebook_login import FacebookLogin
from punctual.meta.graph import id_of, is_gone
from punctual.providers.base import Account, Callback, Grant, Login, Published, Spec
from punctual.providers.outcomes import Rejected

_MAY_POST = frozenset({"CREATE_CONTENT", "MANAGE"})


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
        # For first comments, for taking posts down, and for pages that a business owns.
        optional_scopes=("instagram_manage_comments", "instagram_manage_contents", "business_management"),
        setup="Make an app of the type Business at https://developers.facebook.com/apps; docs/providers/instagram.md.",
        no_accounts=(
            "It posts to professional accounts that are linked to a Facebook page: link the account to a page that the "
            "person may make content for, and choose both in the login."
        ),
        can_delete=True,
        **SPEC,
    )

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
        """Since December 2025, with a permission of its own: it is asked for, and done without where it is not given.

        https://developers.facebook.com/docs/instagram-platform/reference/instagram-media#deleting
        """
        try:
            self.call("DELETE", self.at(published.platform_id), grant=grant)
        except Rejected as error:
            if not is_gone(error):
                raise


PROVIDER = Instagram
