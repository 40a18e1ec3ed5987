"""Every length of time the simulation assumes, with where it is from. `assumed` says that nobody measured it for us.

Nothing here was measured on AWS by this project: put your own figures in, and run it again.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, log
from random import Random

_CPU_HERE = "processor time of this project's code, measured on a developer's machine"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Seconds, drawn with somebody else's Random."""

    what: str
    source: str
    draw: Callable[[Random], float]


def uniform(low: float, high: float) -> Callable[[Random], float]:
    return lambda random: random.uniform(low, high)


def quantiles(milliseconds: Mapping[float, float]) -> Callable[[Random], float]:
    """Through the quantiles that are known, straight in the logarithm between them; 0 and 1 must be there."""
    shares = sorted(milliseconds)
    heights = [log(milliseconds[share] / 1000) for share in shares]

    def draw(random: Random) -> float:
        at = random.random()
        right = min(bisect_right(shares, at), len(shares) - 1)
        low, high = shares[right - 1], shares[right]
        along = (at - low) / (high - low)
        return exp(heights[right - 1] + along * (heights[right] - heights[right - 1]))

    return draw


SCHEDULER = Figure(
    what="Scheduler fires after its time",
    source="'60-second precision', https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html; "
    "that it is uniform is assumed, no distribution is published",
    draw=uniform(0, 60),
)
SQS = Figure(
    what="SQS, from visible to the function's first line",
    source="p10 to p99 of SQS Standard, 1,024 messages, eu-west-1, September 2022: "
    "https://bitesizedserverless.com/bite/serverless-messaging-latency-compared/; the ends are assumed",
    draw=quantiles({0: 10, 0.1: 13.7, 0.5: 16.2, 0.9: 33.8, 0.99: 105, 1: 1000}),
)
DYNAMODB = Figure(
    what="one DynamoDB call",
    source="'single-digit millisecond', https://aws.amazon.com/dynamodb/; the tail is assumed",
    draw=quantiles({0: 2, 0.5: 4.5, 0.9: 8, 0.99: 20, 1: 250}),
)
KMS = Figure(what="one KMS call", source="assumed", draw=quantiles({0: 4, 0.5: 9, 0.9: 18, 0.99: 45, 1: 400}))
SEND = Figure(what="one SQS SendMessage", source="assumed", draw=quantiles({0: 4, 0.5: 8, 0.9: 15, 0.99: 40, 1: 500}))
PLATFORM = Figure(
    what="the publishing call, with name lookup, TLS and answer",
    source="assumed",
    draw=quantiles({0: 80, 0.5: 350, 0.9: 900, 0.99: 3000, 1: 15000}),
)
COLD_START = Figure(
    what="a new environment, to the function's first line",
    source="init of an empty python3.13 function, p50 80, p90 86, p99 122 ms (https://github.com/maxday/lambda-perf, "
    f"July and August 2026), and 450 ms of imports ({_CPU_HERE}); 150 ms to place it, and the ends, are assumed",
    draw=quantiles({0: 640, 0.5: 680, 0.9: 730, 0.99: 900, 1: 3000}),
)
UPLOAD = Figure(
    what="prepare: pictures", source="assumed", draw=quantiles({0: 300, 0.5: 1200, 0.9: 4000, 0.99: 9000, 1: 15000})
)
VIDEO = Figure(
    what="prepare: a video, sent by the function",
    source="assumed; what 180 s of lead leave for it is 45 s, reference/protocol-traces.md",
    draw=uniform(5, 44),
)
TRANSCODING = Figure(
    what="prepare: the platform's own work on a video, asked about by message", source="assumed", draw=uniform(60, 280)
)

AWS_CALL_CPU = 0.001
"""Of a whole vCPU, per AWS call: 0.75 ms in boto3 for a get of 25 attributes, 0.53 ms for a decrypt, and our own code
around it; measured on a developer's machine."""
CLIENTS_CPU = 0.1
"""Building the clients at an environment's first message: measured on a developer's machine."""
PLATFORM_CPU = 0.012
"""A TLS handshake and httpx: assumed."""
VCPU_MEGABYTES = 1769
"""What makes one vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""

ALL = (SCHEDULER, SQS, DYNAMODB, KMS, SEND, PLATFORM, COLD_START, UPLOAD, VIDEO, TRANSCODING)
