"""Files as people have them, and as nobody should send them. They are made when they are first asked for: no binaries
here.

A module of this folder holds `SAMPLES`; `ALL` is all of them by name.
"""

from tests.media.corpus import broken, documents, large, located, moving, pictures, polyglots, videos
from tests.media.corpus.samples import Sample

ALL: dict[str, Sample] = {
    sample.name: sample
    for module in (pictures, moving, located, broken, polyglots, large, videos, documents)
    for sample in module.SAMPLES
}
