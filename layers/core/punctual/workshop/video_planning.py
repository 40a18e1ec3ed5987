"""What an encoded video is to be: its size, its frames a second, and the bits it may take."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt

from punctual.media.facts import Facts
from punctual.media.recipes import MAX_TRANSCODED_PIXELS, MAX_TRANSCODED_SECONDS, Recipe
from punctual.workshop.video_reading import refused

MOST_FRAMES_A_SECOND = 60.0
_USUAL_RATE = 30.0
_AUDIO_BIT_RATE, _LOW_AUDIO_BIT_RATE = 128_000, 64_000
_LOW_BIT_RATE = 500_000
"""Of all: below, sound takes half."""
_LEAST_BIT_RATE = 20_000
_BITS_A_PIXEL = 0.03
"""Below, a smaller picture looks better than this one: 1080p at 30 a second from 1.9 Mbit/s on."""
_LEAST_LONG_SIDE = 320
_SECONDS_OFF = 10
_SPARE = 0.97
_BYTES_A_FRAME, _BYTES_A_SECOND, _BYTES_AT_ALL = 16, 400, 2_000
"""What the container adds: an index of the frames, one of the sound, and the rest."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    width: int
    height: int
    rate: Fraction
    bit_rate: int | None
    """Of the picture, never exceeded for longer than a second; None: what it takes to look good."""
    audio_bit_rate: int
    max_bytes: int | None
    most_frames: int
    """Beyond, its times make no sense: a gap of years would be filled with frames."""

    def tighter(self, made: int) -> "Plan":
        """Where the last one came out too large."""
        return replace(self, bit_rate=int((self.bit_rate or 0) * (self.max_bytes or 0) / made * 0.95))


def plan(facts: Facts, recipe: Recipe, sound_copied: int = 0) -> Plan:
    """Raises Refused where nothing worth looking at fits. `sound_copied`: the bit rate of one that stays as it is."""
    rate = min(_rate(facts), recipe.max_frame_rate or MOST_FRAMES_A_SECOND, MOST_FRAMES_A_SECOND)
    seconds = max(facts.seconds, 1 / rate)
    if seconds > MAX_TRANSCODED_SECONDS or seconds * rate * facts.width * facts.height > MAX_TRANSCODED_PIXELS:
        raise refused("too_costly")
    limits = [recipe.max_bytes, int(recipe.max_bit_rate * seconds / 8) if recipe.max_bit_rate else None]
    max_bytes = min((each for each in limits if each is not None), default=None)
    audio = sound_copied
    if facts.audio_codec and not audio:
        is_low = max_bytes is not None and max_bytes * 8 / seconds < _LOW_BIT_RATE
        audio = _LOW_AUDIO_BIT_RATE if is_low else _AUDIO_BIT_RATE
    bit_rate = None
    if max_bytes is not None:
        spent = _BYTES_AT_ALL + seconds * (rate * _BYTES_A_FRAME + (_BYTES_A_SECOND if audio else 0) + audio / 8)
        bit_rate = int((max_bytes * _SPARE - spent) * 8 / (seconds + 1))
        if bit_rate < _LEAST_BIT_RATE:
            raise refused("cannot_fit")
    width, height = _size(facts, recipe, bit_rate, rate)
    return Plan(
        width=width,
        height=height,
        rate=Fraction(rate).limit_denominator(1001),
        bit_rate=bit_rate,
        audio_bit_rate=audio,
        max_bytes=max_bytes,
        most_frames=int((seconds * 1.1 + _SECONDS_OFF) * rate),
    )


def _rate(facts: Facts) -> float:
    """Where frames come as they like, the mean is none of theirs."""
    mean = facts.frame_rate or _USUAL_RATE
    return max(mean, _USUAL_RATE) if facts.is_frame_rate_variable else mean


def _size(facts: Facts, recipe: Recipe, bit_rate: int | None, rate: float) -> tuple[int, int]:
    """Even, as H.264 with a quarter of the colours needs it."""
    pixels = facts.width * facts.height
    factors = [
        1.0,
        (recipe.max_width or facts.width) / facts.width,
        (recipe.max_height or facts.height) / facts.height,
        sqrt((recipe.max_pixels or pixels) / pixels),
    ]
    if bit_rate is not None:
        wanted = sqrt(bit_rate / (rate * _BITS_A_PIXEL) / pixels)
        factors.append(max(wanted, _LEAST_LONG_SIDE / max(facts.width, facts.height)))
    factor = min(factors)
    return max(2, int(facts.width * factor / 2) * 2), max(2, int(facts.height * factor / 2) * 2)
