"""LinkedIn, as a page."""

from tests.contract.linkedin.far_side import LinkedInSide
from tests.contract.linkedin.logins import COMMUNITY
from tests.contract.linkedin.schema import violations
from tests.integration.platforms.linkedin import CASES
from tests.integration.platforms.stage import Platform


def approved(side: LinkedInSide) -> None:
    """An app with the Community Management API: refresh tokens of a year, too."""
    side.products = COMMUNITY
    side.refreshes = True
    side.may_comment = True


PLATFORM = Platform(
    provider="linkedin_page",
    side=LinkedInSide,
    violations=violations,
    unused={"me": "Who signs in is not asked: the pages are."},
    cases=CASES,
    prepare=approved,
)
