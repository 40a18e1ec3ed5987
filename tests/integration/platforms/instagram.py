"""Instagram, by Facebook Login."""

from tests.contract.instagram.far_side import InstagramSide
from tests.contract.meta.requests import violations
from tests.integration.platforms.stage import Case, Platform

CASES = (
    Case(kind="image", files=("jpeg",), settings={"collaborators": ["@otherbakery"]}),
    Case(kind="images", files=("jpeg", "jpeg2"), settings={"location_id": "7640348500"}),
    Case(kind="reel", files=("video",), settings={"share_to_feed": True}, shows_alt_texts=False),
    Case(
        kind="story", text="", files=("jpeg",), settings={"post_type": "story"}, shows_text=False, shows_alt_texts=False
    ),
    Case(
        kind="reel",
        name="trial reel",
        files=("video",),
        settings={"trial_reel": "SS_PERFORMANCE"},
        shows_alt_texts=False,
    ),
    Case(kind="image", name="with a comment", files=("jpeg",), more={"first_comment": {"text": "And by the way."}}),
)

PLATFORM = Platform(
    provider="instagram",
    side=InstagramSide,
    violations=violations,
    chooses="kimsbakery",
    cases=CASES,
    keeps_posts="It takes a permission that few apps have; see docs/providers/instagram.md.",
)
