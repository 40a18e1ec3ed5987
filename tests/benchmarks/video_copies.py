"""What copying a video takes of memory, by its size: a few packets, whatever it is.

make bench-videos [MEGABYTES=300]
"""

import sys
import tempfile
import time
from pathlib import Path

import av

from punctual.workshop.orders import Order
from punctual.workshop.running import Workshop
from tests.media.corpus.video_making import make

MEMORY = 1600 << 20


def main(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "short.mp4"
        make(path, "mp4", size=(1280, 720), frames=25, is_noisy=True)
        for size in (megabytes // 10, megabytes):
            grown = Path(folder) / "long.mp4"
            repeat(path, grown, size << 20)
            workshop = Workshop(memory_bytes=MEMORY, seconds=600)
            order = Order(
                work="clean",
                path=str(grown),
                target=str(Path(folder) / "made.mp4"),
                memory_bytes=MEMORY,
                file_bytes=8 << 30,
            )
            began = time.monotonic()
            peak = workshop._run(order).peak_bytes >> 20
            took = time.monotonic() - began
            print(f"{grown.stat().st_size >> 20:>6} MiB copied in {took:5.1f} s with {peak} MiB of memory")


def repeat(path: Path, target: Path, size: int) -> None:
    """The same packets again and again, until there are that many bytes."""
    with av.open(str(path)) as source, av.open(str(target), "w") as container:
        made = container.add_stream_from_template(source.streams.video[0], opaque=True)
        packets = [each for each in source.demux(video=0) if each.dts is not None]
        lasts = sum(each.duration or 0 for each in packets)
        base, written, round_ = packets[0].time_base, 0, 0
        while written < size:
            for each in packets:
                again = av.Packet(bytes(each))
                again.pts, again.dts = (each.pts or 0) + round_ * lasts, (each.dts or 0) + round_ * lasts
                again.time_base, again.stream, again.is_keyframe = base, made, each.is_keyframe
                container.mux(again)
                written += each.size
            round_ += 1


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
