"""LinkedIn, as a page: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/community-management-overview"""

from collections.abc import Mapping
from typing import Any

from punctual.linkedin_api.network import API, COMMUNITY_SCOPES, FACTS, LinkedInProvider
from punctual.linkedin_api.posts import NUMBER
from punctual.linkedin_api.settings import PageSettings
from punctual.providers.base import Account, ClientIdAndSecret, Grant, PartKind, Spec, Violation, answer

# Brackets as they are: Rest.li takes encoded ones for part of a value.
_PAGES = (
    f"{API}/v2/organizationalEntityAcls?q=roleAssignee&state=APPROVED&count=100"
    "&projection=(elements*(role,organizationalTarget~(id,localizedName,vanityName)))"
)
# Who may post as a page: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/multiimage-post-api
# and, for the second name of one role, …/organizations/organization-access-control-by-role
_POSTERS = frozenset({"ADMINISTRATOR", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"})


class LinkedInPage(LinkedInProvider):
    spec = Spec(
        **FACTS,
        id="linkedin_page",
        name="LinkedIn page",
        docs_url=(
            "https://learn.microsoft.com/en-us/linkedin/marketing/community-management/community-management-overview"
        ),
        scopes=COMMUNITY_SCOPES,
        app_fields=ClientIdAndSecret,
        setup=(
            "Register an app at https://www.linkedin.com/developers/apps, and request the Community Management API as "
            "its only product: LinkedIn reviews it."
        ),
        settings=PageSettings,
        duplicate_protection=(
            "LinkedIn refuses the same text again and names the first; a post whose answer was missed is looked for "
            "among the page's, and never sent again by itself."
        ),
        no_accounts="Become an administrator or content admin of the page on LinkedIn, then start again.",
        rules={"text.blank": "A post without a picture, article, poll or reshare needs a text."},
    )
    author_kind = "organization"

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        found = answer(self.call("GET", _PAGES, grant=grant, headers={"X-Restli-Protocol-Version": "2.0.0"}))
        elements = found.get("elements")
        rows = [each for each in (elements if isinstance(elements, list) else ()) if isinstance(each, Mapping)]
        pages = [each.get("organizationalTarget~") for each in rows if str(each.get("role")) in _POSTERS]
        named = [page for page in pages if isinstance(page, Mapping) and NUMBER.fullmatch(str(page.get("id")))]
        accounts = {str(page["id"]): _account(page) for page in named}
        return tuple(accounts.values())

    def check(self, text: str, settings: PageSettings, account: Account, kind: PartKind = "post") -> list[Violation]:
        if not text.strip() and (kind == "comment" or not settings.is_text_enough):
            return [Violation(field="text", rule="linkedin_page.text.blank", message="LinkedIn needs a text.")]
        return super().check(text, settings, account, kind)


def _account(page: Mapping[str, Any]) -> Account:
    name, vanity = str(page.get("localizedName") or "")[:200], str(page.get("vanityName") or "")
    return Account(
        id=str(page["id"]),
        handle=vanity or name or str(page["id"]),
        name=name,
        url=f"https://www.linkedin.com/company/{vanity or page['id']}/",
    )


PROVIDER = LinkedInPage
