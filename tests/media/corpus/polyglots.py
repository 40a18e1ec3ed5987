"""Files that can be read as two types."""

import io
import zipfile
from collections.abc import Iterator

from tests.media.corpus.broken import HTML, written
from tests.media.corpus.drawn import chunk, encoded, frames, picture, segment
from tests.media.corpus.samples import Sample

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def archive() -> bytes:
    """As an applet's would be."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("Applet.class", b"\xca\xfe\xba\xbe" + bytes(60))
    return file.getvalue()


def _samples() -> Iterator[Sample]:
    jpeg, png, webp = (encoded(picture(), encoder) for encoder in ("JPEG", "PNG", "WEBP"))
    gif = encoded(frames(2)[0], "GIF", save_all=True, append_images=frames(2)[1:])
    wholes = {"jpeg": jpeg, "png": png, "gif": gif, "webp": webp, "bmp": encoded(picture(), "BMP")}
    wholes |= {
        "tiff": encoded(picture(), "TIFF"),
        "heic": encoded(picture(), "HEIF"),
        "avif": encoded(picture(), "AVIF"),
    }
    for name, whole in wholes.items():
        yield _sample(f"{name}-and-zip", whole + archive())
    for name in ("jpeg", "png", "gif", "webp"):
        yield _sample(f"{name}-and-html", wholes[name] + b"\n" + HTML)
        yield _sample(f"{name}-and-pdf", wholes[name] + PDF)
    yield _sample("jpeg-with-a-pdf-inside", jpeg[:2] + segment(0xFE, PDF) + jpeg[2:])
    yield _sample("png-with-a-pdf-inside", png[:33] + chunk(b"tEXt", b"Comment\0" + PDF) + png[33:])


def _sample(name: str, content: bytes) -> Sample:
    return Sample(name=name, make=written(content), refusal="ambiguous")


SAMPLES = list(_samples())
