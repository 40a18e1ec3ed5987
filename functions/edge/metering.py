"""Counts that a person who runs the stack should see: CloudWatch metrics, written as log lines.

Only what is out of the ordinary: a custom metric costs by the hour in which it is written.
"""

from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE = "Punctual"


def count(name: str, provider: str, value: float = 1) -> None:
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=NAMESPACE) as metric:
        metric.add_dimension(name="provider", value=provider)
