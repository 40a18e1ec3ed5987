"""Counts that a person who runs the stack should see: CloudWatch metrics, written as log lines.

Only what is out of the ordinary: a custom metric costs by the hour in which it is written.
"""

import os

from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE = "Punctual"
ALARMED = frozenset({"ApiVersionEnding", "Unconfirmed", "WebhookDisabled"})
"""Counted by function as well, whatever the provider: an alarm takes one metric, and a function is of one stack."""


def count(name: str, provider: str, value: float = 1) -> None:
    _write(name, value, "provider", provider)
    if name in ALARMED:
        count_alarming(name, value)


def count_alarming(name: str, value: float = 1) -> None:
    """What is of no provider."""
    _write(name, value, "function", os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local"))


def _write(name: str, value: float, dimension: str, of: str) -> None:
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=NAMESPACE) as metric:
        metric.add_dimension(name=dimension, value=of)
