"""Streams made anew: H.264 as every platform and telephone plays it, upright, with frames at even times."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import TypeAlias

import av
from av.container import OutputContainer
from av.filter import Graph
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from punctual.media.recipes import Recipe
from punctual.workshop.video_copying import Writing, copied, encoded_audio, transfer, writing
from punctual.workshop.video_planning import Plan, plan
from punctual.workshop.video_probing import probe
from punctual.workshop.video_reading import decoded, reading, refused

Filming: TypeAlias = Callable[[VideoFrame | None], Iterator[Packet]]
"""From frames to packets; None: there are no more."""
_X264 = {"preset": "veryfast", "crf": "21", "profile": "high"}
"""https://trac.ffmpeg.org/wiki/Encode/H.264; what it costs, and how it looks beside slower ones: docs/decisions.md."""
_MOST_BITS = 1_000_000_000
"""A second: above, a bound holds nothing back, and libx264 counts in 32 bits (ERANGE from avcodec_open2)."""
_SECONDS_BETWEEN_KEYFRAMES = 2
_TRIES = 3
_TURNS: Mapping[int, tuple[tuple[str, str], ...]] = {
    2: (("hflip", ""),),
    3: (("hflip", ""), ("vflip", "")),
    4: (("vflip", ""),),
    5: (("transpose", "cclock_flip"),),
    6: (("transpose", "clock"),),
    7: (("transpose", "clock_flip"),),
    8: (("transpose", "cclock"),),
}
"""By orientation: https://ffmpeg.org/ffmpeg-filters.html#transpose-1"""
_HIGH_DYNAMIC_RANGE = {16, 18}
"""SMPTE ST 2084 and ARIB STD-B67, as ITU-T H.273 numbers transfer characteristics."""
_BT709 = 1


def encode(path: Path, mime: str, recipe: Recipe, target: Path) -> None:
    facts = probe(path, mime)
    planned = plan(facts, recipe, _sound_copied(path, mime) if recipe.audio == "copy" else 0)
    fitted(planned, target, lambda each: _encode_as(path, mime, each, facts.orientation, recipe, target))


def fitted(planned: Plan, target: Path, make: Callable[[Plan], None]) -> None:
    """Raises Refused where it comes out larger than it may be, also when it is tried again."""
    for _ in range(_TRIES):
        make(planned)
        made = target.stat().st_size
        if planned.max_bytes is None or made <= planned.max_bytes:
            return
        planned = planned.tighter(made)
    raise refused("cannot_fit")


def _sound_copied(path: Path, mime: str) -> int:
    with reading(path, mime) as source:
        return (source.sound.codec_context.bit_rate or 0) if source.sound else 0


def _encode_as(path: Path, mime: str, planned: Plan, orientation: int, recipe: Recipe, target: Path) -> None:
    with reading(path, mime) as source, writing(target, recipe.type) as container:
        source.picture.thread_type = "AUTO"
        ways = {source.picture.index: _encoded_picture(container, planned, orientation)}
        if source.sound and recipe.audio == "copy":
            ways[source.sound.index] = copied(container, source.sound)
        elif source.sound:
            ways[source.sound.index] = encoded_audio(container, source.sound, planned.audio_bit_rate)
        transfer(source, container, ways)


def _encoded_picture(container: OutputContainer, planned: Plan, orientation: int) -> Writing:
    film = filming(container, planned, orientation)

    def write(packet: Packet) -> Iterable[Packet]:
        for frame in decoded(packet):
            yield from film(frame)
        if not packet.size:
            yield from film(None)

    return write


def filming(container: OutputContainer, planned: Plan, orientation: int = 1) -> Filming:
    """The filters are set up by the first frame: only it says for certain what there is."""
    made = container.add_stream("libx264", rate=planned.rate, options=_options(planned))
    made.width, made.height, made.pix_fmt = planned.width, planned.height, "yuv420p"
    made.codec_context.time_base = 1 / planned.rate
    made.codec_context.gop_size = max(1, round(planned.rate * _SECONDS_BETWEEN_KEYFRAMES))
    graphs: list[Graph] = []
    numbers = count()

    def film(frame: VideoFrame | None) -> Iterator[Packet]:
        if frame is not None and not graphs:
            graphs.append(_graph(frame, planned, orientation))
            _tell_colours(made, frame)
        if not graphs:
            return
        graphs[0].vpush(frame)
        for shown in _pulled(graphs[0]):
            if next(numbers) > planned.most_frames:
                raise refused("unreadable")
            shown.pict_type = 0
            yield from made.encode(shown)
        if frame is None:
            yield from made.encode(None)

    return film


def _options(planned: Plan) -> dict[str, str]:
    if planned.bit_rate is None or planned.bit_rate > _MOST_BITS:
        return dict(_X264)
    return {**_X264, "maxrate": str(planned.bit_rate), "bufsize": str(planned.bit_rate)}


def _pulled(graph: Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def is_wide(frame: VideoFrame) -> bool:
    """Whether it is made for screens that are brighter than white."""
    return frame.color_trc in _HIGH_DYNAMIC_RANGE


def _graph(frame: VideoFrame, planned: Plan, orientation: int) -> Graph:
    width, height = planned.width, planned.height
    if orientation > 4:
        width, height = height, width
    graph = Graph()
    nodes = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)]
    steps = [("fps", str(planned.rate)), ("scale", f"{width}:{height}:{_colours(frame)}"), *_TURNS.get(orientation, ())]
    nodes += [graph.add(name, said or None) for name, said in [*steps, ("format", "yuv420p")]]
    graph.link_nodes(*nodes, graph.add("buffersink")).configure()
    return graph


def _colours(frame: VideoFrame) -> str:
    """Television's range, and where all have their own idea of it, BT.709's colours."""
    if is_wide(frame):
        return "out_range=tv:out_color_matrix=bt709:out_primaries=bt709:out_transfer=bt709"
    if frame.format.is_rgb:
        return "out_range=tv:out_color_matrix=bt709"
    return "out_range=tv"


def _tell_colours(made: VideoStream, frame: VideoFrame) -> None:
    context = made.codec_context
    context.color_range = 1
    if is_wide(frame) or frame.format.is_rgb:
        context.color_primaries = context.color_trc = context.colorspace = _BT709
    else:
        context.color_primaries, context.color_trc = frame.color_primaries, frame.color_trc
        context.colorspace = frame.colorspace
