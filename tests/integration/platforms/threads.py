"""Threads."""

from tests.contract.threads.far_side import ThreadsSide
from tests.contract.threads.requests import violations
from tests.integration.platforms.stage import Case, Platform

THREAD = {"thread": [{"text": "Two."}, {"text": "And three."}], "first_comment": {"text": "By the way."}}

PLATFORM = Platform(
    provider="threads",
    side=ThreadsSide,
    violations=violations,
    not_played={"child_too_early": "Of a carousel; here the first of its items would meet it. See tests/contract."},
    cases=(
        Case(kind="text", settings={"reply_control": "accounts_you_follow", "topic_tag": "#Bread"}),
        Case(kind="link", settings={"link": "https://bakery.example/bread"}),
        Case(kind="poll", settings={"poll": {"options": ["Rye", "Wheat"]}}),
        Case(kind="image", files=("jpeg",)),
        Case(kind="images", files=("jpeg", "png", "video")),
        Case(kind="video", files=("video",)),
        Case(kind="text", name="thread", text="One.", more=THREAD),
    ),
)
