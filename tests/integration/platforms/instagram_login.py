"""Instagram, by its own login."""

from tests.contract.instagram_login.far_side import InstagramLoginSide
from tests.contract.meta.requests import violations
from tests.integration.platforms.instagram import CASES
from tests.integration.platforms.stage import Platform

PLATFORM = Platform(provider="instagram_login", side=InstagramLoginSide, violations=violations, cases=CASES)
