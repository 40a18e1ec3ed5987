"""An Instagram account, from a person's consent to what it can do."""

from pydantic import SecretStr

from punctual.instagram_api.publishing import PublishesToInstagram
from punctual.providers.base import App, Callback, Consent
from tests.contract.instagram.far_side import ACCOUNT, InstagramSide
from tests.contract.meta.session import Clock, Session, Shelf, live


def connect(provider: PublishesToInstagram, side: InstagramSide, clock: Clock) -> Session:
    side.redirect_uri = redirect_uri = f"https://punctual.example/v1/oauth/{provider.spec.id}/callback"
    app = registered(provider, side)
    asked = Consent(app=app, redirect_uri=redirect_uri, state="state-1", code_challenge="challenge")
    code = side.consent(provider.authorization_url(asked))["code"]
    login = provider.authenticate(
        Callback(app=app, redirect_uri=redirect_uri, code=code, code_verifier=SecretStr("verifier"))
    )
    account = next(each for each in login.accounts if each.id == ACCOUNT)
    return Session(provider, login.grant_of(account), account, clock)


def registered(provider: PublishesToInstagram, side: InstagramSide) -> App:
    assert provider.spec.app_fields
    return provider.app(provider.spec.app_fields(**side.app))


def whole_life(session: Session, side: InstagramSide, shelf: Shelf) -> None:
    """A post of each type, with all that may be set beside it; one that is lost and found; what comes afterwards."""
    tag = {"username": "kim.doe", "x": 0.25, "y": 0.5}
    about = {"collaborators": ["@lee", "max"], "user_tags": [tag], "location_id": "7640348500"}
    reel = {"share_to_feed": False, "audio_name": "Rain", "trial_reel": "SS_PERFORMANCE", "user_tags": [tag]}
    many = {"user_tags": [{**tag, "file": 2}, {"username": "lee", "file": 3}], "location_id": "7640348500"}
    story = {"post_type": "story", "user_tags": [tag]}
    first = live(session.run(shelf.picture(alt_text="A cat"), text="Hello @lee #cats", settings=about))
    live(session.run(shelf.video(cover_ms=100), settings=reel))
    live(session.run(shelf.video(cover=shelf.picture()), text=""))
    live(session.run(shelf.picture(alt_text="A dog"), shelf.video(cover_ms=5), shelf.picture(), settings=many))
    live(session.run(shelf.picture(), text="", settings=story))
    live(session.run(shelf.video(), text="", settings={"post_type": "story"}))
    live(session.run(text="First", kind="comment", part=1, root=first, parent=first))
    for lost in ("publish", "comment"):
        side.loses_answer_of = {lost}
        part = {"kind": "comment", "part": 1, "root": first, "parent": first} if lost == "comment" else {}
        live(session.run(*([] if part else [shelf.picture()]), text=f"Lost {lost}", **part))
    side.loses_answer_of = {"publish"}
    live(session.run(shelf.picture(), text="", settings={"post_type": "story"}))
    session.provider.permalink(first, session.grant, session.account)
