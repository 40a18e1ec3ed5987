"""LinkedIn, as a member with an app that anybody may have."""

from tests.contract.linkedin.far_side import LinkedInSide
from tests.contract.linkedin.schema import violations
from tests.integration.platforms.stage import Case, Platform

ARTICLE = {"article": {"source": "https://bakery.example/bread", "title": "Bread", "description": "How it is made."}}
POLL = {"poll": {"question": "Rye or wheat?", "options": ["Rye", "Wheat"]}}
CASES = (
    Case(kind="text", text="Good morning (with #bread) from @us_all <3 *really* {us}"),
    Case(kind="link", settings=ARTICLE),
    Case(kind="image", files=("jpeg",), settings={"visibility": "LOGGED_IN"}),
    Case(kind="images", files=("jpeg", "png")),
    Case(kind="image", type="animation", name="animation", files=("gif",)),
    Case(kind="document", files=("pdf",), settings={"title": "How bread is made"}, shows_alt_texts=False),
    Case(kind="video", files=("square",), shows_alt_texts=False),
    Case(kind="poll", settings=POLL),
    Case(kind="text", name="with a comment", more={"first_comment": {"text": "And (by the way)."}}),
)

PLATFORM = Platform(provider="linkedin", side=LinkedInSide, violations=violations, cases=CASES)
