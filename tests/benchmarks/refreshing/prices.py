"""What refreshing costs, in dollars; prices of us-east-1 as published in 2024 to 2026, arm64, no free tier."""

from collections import Counter
from functools import partial

from tests.benchmarks.lateness.simulation_stack import seeded
from tests.benchmarks.refreshing.simulation import Outcome, Setting, Stack
from tests.integration.counting import Bill, Counted

WRITE_UNIT, READ_UNIT = 0.625e-6, 0.125e-6
KMS_CALL = 3e-6
LAMBDA_REQUEST, LAMBDA_GIGABYTE_SECOND = 0.2e-6, 13.3334e-6


def one_refresh() -> Bill:
    """Of one grant that goes well, without the look at what is due."""
    bill = Bill()
    with seeded(1):
        stack = Stack(Setting(grants=1, failing=0), wrap=partial(_counted, bill))
        stack.connect()
        before = bill.copy()
        stack.timeline.at = 8000.0
        (grant_id,) = stack.ids
        stack.refreshing._renewed(stack.grants.lease_due(grant_id))
    bill.calls = Counter(bill.calls) - before.calls
    bill.read_units -= before.read_units
    bill.write_units -= before.write_units
    return bill


def of_a_thousand(found: Outcome) -> dict[str, float]:
    """By what it is paid for. Writes that failures make beside a refresh's own cost what one of its two does."""
    one, refreshed = one_refresh(), found.refreshed or 1
    writes = found.calls["dynamodb.update_item"] / 2 * one.write_units
    seconds = sum(found.run_seconds) * found.memory_megabytes / 1024
    each = {
        "DynamoDB writes": writes * WRITE_UNIT,
        "DynamoDB reads": found.calls["dynamodb.query"] * READ_UNIT,
        "KMS": sum(count for name, count in found.calls.items() if name.startswith("kms.")) * KMS_CALL,
        "Lambda": seconds * LAMBDA_GIGABYTE_SECOND + len(found.run_seconds) * LAMBDA_REQUEST,
    }
    return {name: dollars / refreshed * 1000 for name, dollars in each.items()}


def _counted(bill: Bill, service: str, client: object) -> Counted:
    return Counted(service, client, bill)
