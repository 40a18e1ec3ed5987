"""Facebook pages."""

from tests.contract.facebook.far_side import FacebookSide
from tests.contract.meta.requests import violations
from tests.integration.platforms.stage import Case, Platform

PLATFORM = Platform(
    provider="facebook",
    side=FacebookSide,
    violations=violations,
    unused={"page": "Who a page is comes with the list of the person's pages."},
    chooses="kimsbakery",
    cases=(
        Case(kind="text"),
        Case(kind="link", settings={"link": "https://bakery.example/bread"}),
        Case(kind="image", files=("jpeg",)),
        Case(kind="images", files=("jpeg", "png")),
        Case(kind="video", files=("square",), shows_alt_texts=False),
        Case(kind="reel", files=("video",), settings={"post_type": "reel"}, shows_alt_texts=False),
        Case(
            kind="story",
            text="",
            files=("jpeg",),
            settings={"post_type": "story"},
            shows_text=False,
            shows_alt_texts=False,
        ),
        Case(kind="text", name="with a comment", more={"first_comment": {"text": "And by the way."}}),
    ),
)
