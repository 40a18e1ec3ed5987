"""The calls of a small LinkedIn, one method each: `request`, and the keys that its path holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from tests.contract.linkedin import bodies, restli
from tests.contract.linkedin.feed import Comment, Feed, Post
from tests.contract.linkedin.files import Files
from tests.contract.linkedin.logins import Allowed, Logins
from tests.contract.linkedin.refusals import denied, refused

POSTERS = frozenset({"ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"})


@dataclass(frozen=True, kw_only=True)
class Member:
    id: str = "yrZCpj2Z12"
    given_name: str = "Kim"
    family_name: str = "Park"
    vanity_name: str = "kim-park"
    email: str = "kim@example.com"

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def urn(self) -> str:
        return f"urn:li:person:{self.id}"


@dataclass(frozen=True, kw_only=True)
class Organization:
    """`role` and `state` are the member's in it."""

    id: str = "2414183"
    name: str = "Devtestco"
    vanity_name: str = "devtestco"
    role: str = "ADMINISTRATOR"
    state: str = "APPROVED"

    @property
    def urn(self) -> str:
        return f"urn:li:organization:{self.id}"


class Api(Logins):
    """What LinkedIn's pages leave open, or change with time, is an attribute.

    `oldest_version` and `newest_version` are the months that are spoken. `calls_a_day` is what one member's calls may
    be: 150 of an app that anyone can have, says its page (linkedin/consumer/integrations/self-serve/share-on-linkedin).
    `may_comment`: whether the app was approved for it.
    """

    def __init__(self, now: Callable[[], datetime]):
        super().__init__(now)
        self.files = Files(now)
        self.feed = Feed(now, self.files, self.names_of)
        self.member = Member()
        self.organizations = [Organization()]
        self.oldest_version, self.newest_version = "202512", "202611"
        self.calls_a_day: int | None = None
        self.calls: dict[tuple[str, str], int] = {}
        self.listing_lag_seconds = 0
        self.may_comment = True

    def names_of(self, urn: str) -> set[str]:
        """The names by which an entity can be mentioned: a member's in part too, a page's in full only."""
        found = {organization.urn: {organization.name} for organization in self.organizations}
        member = self.member
        found[member.urn] = {member.given_name, member.family_name, member.name}
        return found.get(urn, set())

    def caller(self, request: httpx.Request) -> Allowed:
        """With a token that is good, and calls left until midnight UTC. A refusal has no header that says when."""
        allowed = self.of(request)
        day = (allowed.member, f"{self.now():%Y-%m-%d}")
        self.calls[day] = self.calls.get(day, 0) + 1
        if self.calls_a_day is not None and self.calls[day] > self.calls_a_day:
            message = "Resource level throttle MEMBER DAY limit for calls to this resource is reached."
            raise refused(429, "TOO_MANY_REQUESTS", message, serviceErrorCode=101)
        return allowed

    def versioned(self, request: httpx.Request) -> Allowed:
        """The caller of what is below /rest."""
        restli.check_version(request, self.oldest_version, self.newest_version)
        restli.check_protocol(request)
        return self.caller(request)

    def check_scope(self, allowed: Allowed, what: str, *scopes: str) -> None:
        if not allowed.scopes & set(scopes):
            raise denied(what)

    def check_actor(self, allowed: Allowed, urn: str, letter: str, what: str) -> None:
        """Whether the caller may write (`w`) as that author, or read (`r`) what is the author's."""
        if urn.startswith("urn:li:organization:"):
            self.check_scope(allowed, what, f"{letter}_organization_social")
            roles = [each.role for each in self.organizations if each.urn == urn and each.state == "APPROVED"]
            if not POSTERS & set(roles):
                raise denied(what)
        else:
            self.check_scope(allowed, what, f"{letter}_member_social")
            if urn != allowed.member:
                raise denied(what)

    def userinfo(self, request: httpx.Request) -> httpx.Response:
        allowed = self.caller(request)
        self.check_scope(allowed, "userinfo.GET.NO_VERSION", "openid")
        body: dict[str, Any] = {"sub": self.member.id}
        if "profile" in allowed.scopes:
            names = {"given_name": self.member.given_name, "family_name": self.member.family_name}
            locale = {"country": "US", "language": "en"}
            picture = "https://media.licdn.com/dms/image/C5603AQ/profile-displayphoto-shrink_100_100/0"
            body |= {"name": self.member.name, **names, "picture": picture, "locale": locale}
        if "email" in allowed.scopes:
            body |= {"email": self.member.email, "email_verified": True}
        return httpx.Response(200, json=body)

    def me(self, request: httpx.Request) -> httpx.Response:
        self.check_scope(self.caller(request), "me.GET.NO_VERSION", "r_basicprofile", "r_liteprofile")
        names = {"localizedFirstName": self.member.given_name, "localizedLastName": self.member.family_name}
        return httpx.Response(200, json={"id": self.member.id, **names, "vanityName": self.member.vanity_name})

    def _held(self, request: httpx.Request, allowed: Allowed) -> tuple[dict[str, str], list[Organization]]:
        self.check_scope(allowed, "organizationAcls.FINDER-roleAssignee", "rw_organization_admin")
        given = restli.parameters(request, ["q"], ["role", "state", "start", "count", "projection"])
        if given["q"] != "roleAssignee":
            raise refused(400, "ILLEGAL_ARGUMENT", "No such finder")
        held = [each for each in self.organizations if each.role == given.get("role", each.role)]
        return given, [each for each in held if each.state == given.get("state", each.state)]

    def acls(self, request: httpx.Request) -> httpx.Response:
        allowed = self.versioned(request)
        given, held = self._held(request, allowed)
        if "projection" in given:
            raise refused(400, "QUERY_PARAM_NOT_ALLOWED", "Query parameters [projection] are not allowed")
        rows = [{"organization": each.urn, "roleAssignee": allowed.member, **_role(each)} for each in held]
        return restli.page(given, rows)

    def old_acls(self, request: httpx.Request) -> httpx.Response:
        """Without a version; `organizationalTarget~` in the projection spells each page out."""
        restli.check_protocol(request)
        allowed = self.caller(request)
        given, held = self._held(request, allowed)
        rows: list[dict[str, Any]] = []
        for each in held:
            row = {"organizationalTarget": each.urn, "roleAssignee": allowed.member, **_role(each)}
            if "organizationalTarget~" in given.get("projection", ""):
                row["organizationalTarget~"] = _page(each)
            rows.append(row)
        return restli.page(given, rows)

    def organization(self, request: httpx.Request, number: str) -> httpx.Response:
        self.check_scope(self.versioned(request), "organizations.GET", "rw_organization_admin")
        for each in self.organizations:
            if each.id == number and each.role == "ADMINISTRATOR" and each.state == "APPROVED":
                return httpx.Response(200, json=_page(each))
        raise denied("organizations.GET")

    def begin(self, request: httpx.Request, kind: str) -> httpx.Response:
        allowed = self.versioned(request)
        schemas = {"image": bodies.BEGIN_IMAGE, "video": bodies.BEGIN_VIDEO, "document": bodies.BEGIN_DOCUMENT}
        asked = restli.body(request, schemas[kind])["initializeUploadRequest"]
        self.check_actor(allowed, asked["owner"], "w", f"{kind}s.ACTION-initializeUpload")
        return self.files.begin(kind, asked)

    def put(self, request: httpx.Request) -> httpx.Response:
        return self.files.put(request, lambda: self.of(request))

    def finish(self, request: httpx.Request) -> httpx.Response:
        allowed = self.versioned(request)
        asked = restli.body(request, bodies.FINISH_VIDEO)["finalizeUploadRequest"]
        if asset := self.files.assets.get(asked["video"]):
            self.check_actor(allowed, asset.owner, "w", "videos.ACTION-finalizeUpload")
        return self.files.finish(asked)

    def media_status(self, request: httpx.Request, kind: str, segment: str) -> httpx.Response:
        """An image's is kept from who may only write as a member, says the page of the Images API."""
        allowed, urn = self.versioned(request), restli.key(segment)
        asset = self.files.assets.get(urn)
        if asset is None or asset.kind != kind:
            raise refused(404, "NOT_FOUND", "Could not find entity")
        if kind == "image" and asset.owner == allowed.member and "r_member_social" not in allowed.scopes:
            message = "Accessing this image resource is forbidden. Please check your permissions for this resource"
            raise refused(403, "ACCESS_DENIED", message)
        self.check_actor(allowed, asset.owner, "w", f"{kind}s.GET")
        return self.files.shown(urn)

    def publish(self, request: httpx.Request) -> httpx.Response:
        allowed = self.versioned(request)
        restli.parameters(request, [])
        sent = restli.body(request, bodies.CREATE_POST)
        self.check_actor(allowed, sent["author"], "w", "posts.CREATE")
        post = self.feed.create(sent)
        place = {"x-restli-id": post.urn, "Location": f"/posts/{quote(post.urn, safe='')}"}
        return httpx.Response(201, headers=place)

    def show(self, request: httpx.Request, segment: str) -> httpx.Response:
        allowed, urn = self.versioned(request), restli.key(segment)
        restli.parameters(request, [], ["viewContext"])
        self.check_scope(allowed, "posts.GET", "r_member_social", "r_organization_social")
        self.check_actor(allowed, self.feed.author_of(urn), "r", "posts.GET")
        return httpx.Response(200, json=_post(self.feed.by_urn(urn)))

    def posts_of(self, request: httpx.Request) -> httpx.Response:
        allowed = self.versioned(request)
        given = restli.parameters(request, ["q", "author"], ["start", "count", "sortBy", "isDsc"])
        if given["q"] != "author" or given.get("sortBy", "CREATED") not in ("CREATED", "LAST_MODIFIED"):
            raise refused(400, "ILLEGAL_ARGUMENT", "No such finder")
        self.check_actor(allowed, given["author"], "r", "posts.FINDER-author")
        found = self.feed.by_author(given["author"], self.listing_lag_seconds)
        return restli.page(given, [_post(post) for post in found])

    def delete(self, request: httpx.Request, segment: str) -> httpx.Response:
        allowed, urn = self.versioned(request), restli.key(segment)
        self.check_actor(allowed, self.feed.author_of(urn), "w", "posts.DELETE")
        self.feed.delete(urn)
        return httpx.Response(204)

    def _thread(self, request: httpx.Request, segment: str, what: str) -> tuple[Allowed, str]:
        allowed, urn = self.versioned(request), restli.key(segment)
        if not self.may_comment:
            raise denied(what)
        return allowed, urn

    def comment(self, request: httpx.Request, segment: str) -> httpx.Response:
        allowed, urn = self._thread(request, segment, "socialActions/comments.CREATE")
        sent = restli.body(request, bodies.CREATE_COMMENT)
        self.check_actor(allowed, sent["actor"], "w", "socialActions/comments.CREATE")
        post = self.feed.by_urn(sent["object"])
        if urn not in (post.urn, post.activity, sent.get("parentComment")):
            raise refused(400, "ILLEGAL_ARGUMENT", "The object is not what the path names")
        comment = self.feed.comment(post, sent)
        return httpx.Response(201, json=_comment(comment), headers={"x-restli-id": comment.id})

    def comments(self, request: httpx.Request, segment: str) -> httpx.Response:
        allowed, urn = self._thread(request, segment, "socialActions/comments.GET_ALL")
        given = restli.parameters(request, [], ["start", "count"])
        self.check_scope(allowed, "socialActions/comments.GET_ALL", "r_member_social", "r_organization_social")
        post = self.feed.by_urn(urn)
        self.check_actor(allowed, post.author, "r", "socialActions/comments.GET_ALL")
        return restli.page(given, [_comment(each) for each in self.feed.under(post)])

    def delete_comment(self, request: httpx.Request, segment: str, number: str) -> httpx.Response:
        allowed, urn = self._thread(request, segment, "socialActions/comments.DELETE")
        given = restli.parameters(request, [], ["actor"])
        for comment in self.feed.under(self.feed.by_urn(urn)):
            if comment.id == number:
                is_of_member = comment.actor == allowed.member
                if not is_of_member and given.get("actor") != comment.actor:
                    raise denied("socialActions/comments.DELETE")
                self.check_actor(allowed, comment.actor, "w", "socialActions/comments.DELETE")
                comment.is_deleted = True
                return httpx.Response(204)
        raise refused(404, "NOT_FOUND", "Could not find entity")


def _role(organization: Organization) -> dict[str, str]:
    return {"role": organization.role, "state": organization.state}


def _page(organization: Organization) -> dict[str, Any]:
    number = int(organization.id)
    return {"id": number, "localizedName": organization.name, "vanityName": organization.vanity_name}


def _post(post: Post) -> dict[str, Any]:
    made_at = int(post.made_at.timestamp() * 1000)
    return {
        **post.sent,
        "commentary": post.little.commentary,
        "id": post.urn,
        "createdAt": made_at,
        "publishedAt": made_at,
        "lastModifiedAt": made_at,
        "lifecycleStateInfo": {"isEditedByAuthor": False},
    }


def _comment(comment: Comment) -> dict[str, Any]:
    stamp = {"actor": comment.actor, "time": int(comment.made_at.timestamp() * 1000)}
    return {
        "actor": comment.actor,
        "commentUrn": comment.urn,
        "created": stamp,
        "lastModified": stamp,
        "id": comment.id,
        "message": {"attributes": [], "text": comment.text},
        "object": comment.post.activity,
        **({"parentComment": comment.parent} if comment.parent else {}),
    }
