"""Far sides that take files in parts, each as the dossiers have one platform, with the dialect a provider would say."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from punctual.providers.feeding import Part, Upload, UploadLost
from punctual.providers.media import Attachment
from punctual.providers.outcomes import Processing

Handle = Mapping[str, Any]


class FarSide:
    """What arrived, by where it begins; `twice` is what arrived although it was there."""

    can_be_asked = True
    dialect: type["Dialect"]

    def __init__(self, expected: bytes, *, part_bytes: int = 1024, name: str = "file"):
        self.expected = expected
        self.part_bytes = part_bytes
        self.name = name
        self.parts: dict[int, bytes] = {}
        self.twice: list[int] = []
        self.calls = self.finished = self.working = 0
        self.session = 0

    def upload(self, attachment: Attachment) -> "Dialect":
        return self.dialect(self, attachment)

    def begin(self) -> None:
        self.calls += 1
        self.session += 1
        self.parts.clear()

    def forget(self) -> None:
        self.begin()

    def take(self, start: int, content: bytes) -> None:
        self.calls += 1
        if start in self.parts:
            self.twice.append(start)
        self.parts[start] = content

    def whole(self) -> bytes:
        return b"".join(content for _, content in sorted(self.parts.items()))


class Dialect(Upload):
    def __init__(self, far: FarSide, attachment: Attachment):
        super().__init__(attachment)
        self.far = far

    def begin(self) -> Handle:
        self.far.begin()
        return {"id": self.far.session}

    def end_of(self, handle: Handle, start: int) -> int:
        return start + self.far.part_bytes

    def send(self, handle: Handle, part: Part) -> Any:
        self.far.take(part.start, part.read())

    def finish(self, handle: Handle, results: Sequence[Any]) -> Any:
        assert self.far.whole() == self.far.expected, "finished too soon"
        self.far.finished += 1
        return self.far.name


class Numbered(FarSide):
    """X: parts by number, which cannot be asked for; a part sent again replaces itself."""

    can_be_asked = False

    class dialect(Dialect):  # noqa: N801
        def send(self, handle: Handle, part: Part) -> Any:
            number, rest = divmod(part.start, self.far.part_bytes)
            assert rest == 0
            assert number <= 999
            super().send(handle, part)


class LinkedIn(FarSide):
    """It says where parts begin and end, and wants each one's ETag at the end."""

    can_be_asked = False

    class dialect(Dialect):  # noqa: N801
        def begin(self) -> Handle:
            self.far.begin()
            bounds = [0, 1000, 5000, len(self.far.expected)]
            return {"instructions": [[first, last - 1] for first, last in pairwise(bounds)]}

        def end_of(self, handle: Handle, start: int) -> int:
            return next(int(last) + 1 for first, last in handle["instructions"] if first == start)

        def send(self, handle: Handle, part: Part) -> Any:
            super().send(handle, part)
            return f"etag-{part.start}"

        def finish(self, handle: Handle, results: Sequence[Any]) -> Any:
            assert list(results) == [f"etag-{first}" for first, _ in handle["instructions"]]
            return super().finish(handle, results)


class YouTube(FarSide):
    """A session that says up to where it has the file, and in its last part's answer what the file is called."""

    class dialect(Dialect):  # noqa: N801
        def begin(self) -> Handle:
            self.far.begin()
            return {"url": f"session-{self.far.session}"}

        def received(self, handle: Handle) -> int:
            self._check(handle)
            return len(self.far.whole())

        def send(self, handle: Handle, part: Part) -> Any:
            self._check(handle)
            super().send(handle, part)
            return self.far.name if part.end == self.attachment.bytes else None

        def finish(self, handle: Handle, results: Sequence[Any]) -> Any:
            """Where the last answer was lost, the session is asked once more."""
            self.received(handle)
            return super().finish(handle, results)

        def _check(self, handle: Handle) -> None:
            if handle["url"] != f"session-{self.far.session}":
                raise UploadLost()


class TikTok(FarSide):
    """The last part also has what is left; `Content-Range` says where each one is."""

    can_be_asked = False

    class dialect(Dialect):  # noqa: N801
        def end_of(self, handle: Handle, start: int) -> int:
            end = start + self.far.part_bytes
            left = self.attachment.bytes - end
            return self.attachment.bytes if left < self.far.part_bytes else end


class Rupload(FarSide):
    """One request for all that is left from an offset on, read while it is sent."""

    class dialect(Dialect):  # noqa: N801
        def end_of(self, handle: Handle, start: int) -> int:
            return self.attachment.bytes

        def received(self, handle: Handle) -> int:
            return len(self.far.whole())

        def send(self, handle: Handle, part: Part) -> Any:
            with part.file() as file:
                self.far.take(part.start, b"".join(iter(lambda: file.read(100), b"")))


class Meta(YouTube):
    """It works on a file that it has, and says when it is through."""

    class dialect(YouTube.dialect):  # noqa: N801
        is_processed = True

        def settled(self, media_id: Any) -> Any:
            self.far.calls += 1
            if self.far.working:
                self.far.working -= 1
                raise Processing()
            return media_id
