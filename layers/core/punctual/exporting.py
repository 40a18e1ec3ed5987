"""Writing an export, part by part: each is one page of posts, or of events, written before the record says so.

What is killed or sent twice writes the same part again, under the same name. The manifest comes last.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from punctual import exported, indexes
from punctual.channels import Channels
from punctual.clock import Now, to_text
from punctual.events.envelope import envelope
from punctual.events.event import Event
from punctual.events.feed import Expired, Feed
from punctual.exports import Counts, Export, ExportFile, Exports
from punctual.media.library import Library
from punctual.tables import Item, Page, Table
from punctual.workspaces import Workspaces

FORMAT = 1
"""Raised whenever a reader of the last one would misread."""
PART_POSTS = 500
"""At most: DynamoDB ends a page at 1 MB, which is what bounds a part."""
PART_EVENTS = 2000

Outcome: TypeAlias = Literal["goes on", "ended"]


class Exporting:
    """`s3` is a boto3 client."""

    def __init__(self, *, table: Table, feed: Feed, exports: Exports, s3: Any, bucket: str, now: Now):
        self._table = table
        self._feed = feed
        self._exports = exports
        self._s3 = s3
        self._bucket = bucket
        self._now = now

    def advance(self, workspace_id: str, export_id: str, until: datetime) -> Outcome:
        """Write parts `until` then."""
        while True:
            export = self._exports.get(workspace_id, export_id)
            if export is None or export.status != "running":
                return "ended"
            if self._now() >= until:
                return "goes on"
            page = self._page(export)
            if page.items:
                self._write_part(export, page)
            elif events := self._events(export):
                self._write_events(export, events)
            else:
                self._end(export)

    def _page(self, export: Export) -> Page:
        listed = indexes.of_workspace(export.workspace_id)
        start = listed.key(export.place, "post") if export.place else None
        return self._table.query(listed.between(("0", "~")), index=listed.index, limit=PART_POSTS, start=start)

    def _write_part(self, export: Export, page: Page) -> None:
        found = [exported.post(self._table, item["pk"], self._now().timestamp()) for item in page.items]
        there = [each for each in found if each]
        name = f"posts-{len(export.files) + 1:05}.jsonl.gz"
        file = self._put(export, name, _lines(line for line, _ in there))
        counts = export.counts
        for _, more in there:
            counts = _sum(counts, more)
        self._exports.add(export, file, counts, place=page.items[-1]["listed_at"])

    def _events(self, export: Export) -> list[Event]:
        """Those that there were when the export was asked for; later ones would never end."""
        try:
            found = self._feed.read(export.workspace_id, export.event_id, PART_EVENTS).events
        except Expired:  # the oldest went meanwhile
            found = self._feed.read(export.workspace_id, None, PART_EVENTS).events
        return [event for event in found if event.appended_at <= export.created_at]

    def _write_events(self, export: Export, events: Sequence[Event]) -> None:
        number = 1 + sum(file.name.startswith("events-") for file in export.files)
        file = self._put(export, f"events-{number:05}.jsonl.gz", _lines(dict(envelope(each)) for each in events))
        self._exports.add(export, file, _sum(export.counts, Counts(events=len(events))), event_id=events[-1].id)

    def _end(self, export: Export) -> None:
        """Again by whoever finds it not ended: the same files."""
        workspace = Workspaces(self._table, self._now).get(export.workspace_id)
        channels = list(Channels(self._table, self._now).of_workspace(export.workspace_id))
        media = list(Library(self._table, self._now).of_workspace(export.workspace_id))
        counts = replace(export.counts, channels=len(channels), media=len(media))
        files = [
            self._put(export, "channels.jsonl.gz", _lines(exported.channel(each) for each in channels)),
            self._put(export, "media.jsonl.gz", _lines(exported.media(each) for each in media)),
            self._put(export, "workspace.json.gz", _lines([exported.workspace(workspace)] if workspace else [])),
        ]
        manifest = _manifest(export, [*export.files, *files], counts)
        self._exports.finish(export, [*files, self._put(export, "manifest.json.gz", _lines([manifest]))], counts)

    def _put(self, export: Export, name: str, content: bytes) -> ExportFile:
        self._s3.put_object(Bucket=self._bucket, Key=export.path(name), Body=content, ContentType="application/gzip")
        return ExportFile(name=name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def _lines(rows: Iterable[Item]) -> bytes:
    """One JSON value a line; the same rows give the same bytes. Half a surrogate stays an escape."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return gzip.compress(text.encode(errors="backslashreplace"), mtime=0)


def _manifest(export: Export, files: Sequence[ExportFile], counts: Counts) -> Item:
    return {
        "format": FORMAT,
        "export_id": export.id,
        "workspace_id": export.workspace_id,
        "created_at": to_text(export.created_at),
        "counts": vars(counts),
        "files": [vars(file) for file in files],
    }


def _sum(one: Counts, other: Counts) -> Counts:
    return Counts(**{name: value + vars(other)[name] for name, value in vars(one).items()})
