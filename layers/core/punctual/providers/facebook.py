"""Facebook pages. https://developers.facebook.com/docs/pages-api

Files are staged before T, unpublished; at T one call makes the post. What that call becomes of a video is told by the
video itself: Facebook takes it and is at work on it for a while.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from punctual.clock import to_text
from punctual.facebook_api import posts, rules, videos
from punctual.facebook_api.codes import OF_FACEBOOK
from punctual.facebook_api.settings import Settings
from punctual.facebook_api.uploads import PhotoUpload, ReelUpload, VideoUpload
from punctual.meta.facebook_login import FacebookLogin
from punctual.meta.graph import id_of, is_gone
from punctual.meta.meanings import Meaning
from punctual.providers import feeding
from punctual.providers.base import Account, ApiVersion, Grant, Keep, Outgoing, Published, Spec, Violation, answer
from punctual.providers.feeding import Upload
from punctual.providers.media import NO_MEDIA, Attachment, MediaRules
from punctual.providers.outcomes import OutcomeUnknown, Processing, Rejected
from punctual.providers.posting import PartKind
from punctual.providers.terms import ClientIdAndSecret, Remedy

_RECENT = "25"
_MAY_POST = "CREATE_CONTENT"


class Facebook(FacebookLogin):
    meanings: ClassVar[Mapping[str, Meaning]] = OF_FACEBOOK
    page_fields = "id,name,username,link,tasks"
    spec = Spec(
        id="facebook",
        name="Facebook",
        docs_url="https://developers.facebook.com/docs/pages-api",
        connect=("oauth",),
        settings=Settings,
        # Its end is not told yet; versions last two years: https://developers.facebook.com/docs/graph-api/changelog
        api_version=ApiVersion(name="v25.0"),
        authorize_url="https://www.facebook.com/{version}/dialog/oauth",
        token_url="https://graph.facebook.com/{version}/oauth/access_token",  # noqa: S106 - an address
        token_method="GET",  # noqa: S106 - a verb
        # pages_manage_engagement is for first comments; business_management for pages that a business owns.
        scopes=("pages_show_list", "pages_read_engagement", "pages_manage_posts"),
        optional_scopes=("pages_manage_engagement", "business_management"),
        scope_separator=",",
        pkce=False,
        app_fields=ClientIdAndSecret,
        revoking_ends_login=True,
        setup="Make an app of the type Business at https://developers.facebook.com/apps; docs/providers/facebook.md.",
        no_accounts=(
            "It posts to pages, never to a person's own profile: make a page, or ask its owner for the task Content."
        ),
        max_text=rules.MAX_TEXT,
        counted_in="characters",
        media=rules.POSTS,
        post_types=("text", "link", "image", "images", "video", "reel", "story"),
        comments=True,
        can_delete=True,
        max_polls=180,
        retry_safety="search",
        duplicate_protection=(
            "Files are staged unpublished and one call makes the post. A reel, and a story that is a video, can be "
            "asked about; another post whose answer was lost is looked for, and never sent again unless it was refused."
        ),
        remedies={
            "link_refused": Remedy(remediation="Give the post another link: one that Facebook can open, not its own."),
            "confirmation_needed": Remedy(
                remediation="Do at Facebook what it asks of the page's people, then retry the delivery."
            ),
        },
        rules={
            "text.blank": "A post needs a text, or media.",
            "text.story": "A story has no text.",
            "comment.story": "Nobody can comment on a story here.",
            "settings.post_type": "Reels have no link; stories have no link, title, place or countries.",
        },
    )

    # Connecting

    def account_of(self, page: Mapping[str, Any]) -> Account | None:
        """https://developers.facebook.com/docs/pages-api/overview#tasks; without the list, Facebook tells at T."""
        tasks = page.get("tasks")
        if isinstance(tasks, list) and _MAY_POST not in tasks:
            return None
        page_id = id_of(page)
        name, username = str(page.get("name") or "")[:200], str(page.get("username") or "")[:200]
        url = videos.link({"permalink_url": page.get("link")}) or f"https://www.facebook.com/{page_id}"
        return Account(id=page_id, handle=f"@{username}" if username else name or page_id, name=name, url=url)

    # Publishing

    def check(self, text: str, settings: Settings, account: Account, kind: PartKind = "post") -> list[Violation]:
        found = super().check(text, settings, account, kind)
        if not text.strip():
            found.append(Violation(field="text", rule="facebook.text.blank", message="Facebook needs a text."))
        if settings.post_type == "story" and kind == "comment":
            message = "Nobody can comment on a story here: leave the first comment out."
            found.append(Violation(field="text", rule="facebook.comment.story", message=message))
        elif settings.post_type == "story" and text.strip():
            message = "Facebook shows no text with a story: give this target an empty one."
            found.append(Violation(field="text", rule="facebook.text.story", message=message))
        for name in _UNHEARD[settings.post_type] if kind == "post" else ():
            if getattr(settings, name):
                message = f"Facebook has no {name} of a {settings.post_type}: leave it out."
                rule = "facebook.settings.post_type"
                found.append(Violation(field=f"settings/{name}", rule=rule, message=message))
        return found

    def max_text(self, account: Account, kind: PartKind = "post") -> int:
        return rules.MAX_COMMENT if kind == "comment" else super().max_text(account, kind)

    def media_rules(self, settings: Settings, account: Account, kind: PartKind = "post") -> MediaRules:
        if kind == "comment" or settings.link:
            return NO_MEDIA
        return {"post": rules.POSTS, "reel": rules.REELS, "story": rules.STORIES}[settings.post_type]

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        if not post.media:
            return
        kind = "video" if post.media[0].kind == "video" else "images"

        def dialect(attachment: Attachment) -> Upload:
            by_phases = ReelUpload if post.settings.post_type in videos.EDGES else VideoUpload
            return (by_phases if kind == "video" else PhotoUpload)(attachment, self, post, grant)

        if posts.may_be_gone(post, self.now()) and post.first_sent_at is None:
            raise posts.anew(post)
        feeding.upload(post, keep, dialect)
        if "carries" not in post.prepared:
            keep(carries=kind, uploaded_at=to_text(self.now()))

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        if "failed" in post.prepared:
            raise Rejected("Facebook could not make anything of the video.", code="media_refused")
        if post.kind == "comment" and post.parent:
            return self._made(f"{post.parent.platform_id}/comments", {"message": post.text}, post, grant)
        if posts.video_of(post) is None and posts.may_be_gone(post, self.now()):
            raise posts.anew(post)  # a video that has an id is a handle by now, which is never replaced
        edge, form = posts.call_of(post)
        return self._made(f"{post.account.id}/{edge}", form, post, grant)

    def _made(self, path: str, form: Mapping[str, str], post: Outgoing, grant: Grant) -> Published:
        """Videos have a host of their own: https://developers.facebook.com/docs/video-api/guides/publishing"""
        edge = path.rpartition("/")[2]
        url = self.at(path)
        if edge == "videos":
            url = url.replace("//graph.", "//graph-video.", 1)
        given = answer(self.call("POST", url, grant=grant, irreversible=True, data=form), irreversible=True)
        if edge in ("videos", "video_reels"):
            video_id = id_of(given, irreversible=True) if edge == "videos" else form["video_id"]
            if edge == "video_reels":
                posts.taken(given)
            raise Processing("Facebook is at work on the video.", kept={"video": video_id, "accepted": True})
        name = "post_id" if edge in ("photo_stories", "video_stories") else "id"
        return Published(platform_id=id_of(given, name, irreversible=True), url=videos.link(given))

    def absence_is_proof(self, post: Outgoing) -> bool:
        """Of a video that has an id: it says whether it is published."""
        return posts.video_of(post) is not None

    def find(self, post: Outgoing, grant: Grant) -> Published | None:
        if post.kind == "comment" and post.parent:
            asked = {"fields": posts.COMMENT_FIELDS, "order": "reverse_chronological", "limit": _RECENT}
            shown = self.read(f"{post.parent.platform_id}/comments", grant, **asked)
            return posts.comment_among(shown.get("data"), post)
        if video := posts.video_of(post):
            return self._by_video(video, post, grant)
        if found := self._by_picture(post, grant):
            return found
        if post.settings.post_type != "post":
            return self._story(post, grant)
        asked = {"fields": posts.POST_FIELDS, "limit": _RECENT}
        return posts.found_among(self.read(f"{post.account.id}/published_posts", grant, **asked).get("data"), post)

    def _by_video(self, video_id: str, post: Outgoing, grant: Grant) -> Published | None:
        """One that is gone proves nothing: its page may have deleted it."""
        try:
            video = self.read(video_id, grant, fields=videos.FIELDS)
        except Rejected as error:
            raise OutcomeUnknown("Facebook cannot say.", code="no_answer", status=error.status) from error
        return videos.outcome(video, video_id, post)

    def _by_picture(self, post: Outgoing, grant: Grant) -> Published | None:
        """A picture names the post that shows it: https://developers.facebook.com/docs/graph-api/reference/photo

        That an unpublished one names none is not documented: so the post is asked, too."""
        if posts.carries(post) != "images":
            return None
        try:
            named = self.read(feeding.uploaded(post)[0], grant, fields="page_story_id").get("page_story_id")
            shown = self.read(id_of({"id": named}), grant, fields=posts.OWN_FIELDS) if named else {}
        except Rejected:
            return None
        return posts.shown_by_picture(shown, post)

    def _story(self, post: Outgoing, grant: Grant) -> Published | None:
        """https://developers.facebook.com/docs/page-stories-api#get-stories"""
        if "carries" not in post.prepared:
            raise OutcomeUnknown("What was uploaded for this post is not known.", code="no_container")
        shown = self.read(f"{post.account.id}/stories", grant, fields=posts.STORY_FIELDS, limit=_RECENT)
        return posts.story_among(shown.get("data"), post)

    # Afterwards

    def permalink(self, published: Published, grant: Grant, account: Account) -> str:
        return videos.link(self.read(published.platform_id, grant, fields="permalink_url"))

    def delete(self, published: Published, grant: Grant, account: Account) -> None:
        try:
            self.call("DELETE", self.at(published.platform_id), grant=grant)
        except Rejected as error:
            if not is_gone(error):
                raise


_UNHEARD: Mapping[str, tuple[str, ...]] = {
    "post": (),
    "reel": ("link",),
    "story": ("link", "title", "place", "countries"),
}
"""Settings that such a post has no place for."""
PROVIDER = Facebook
