"""Posts as the API answers them."""

from datetime import datetime

from posts.answer_types import (
    AttemptAnswer,
    DayAnswer,
    DeliveryAnswer,
    DeliveryError,
    FollowUpAnswer,
    PartAnswer,
    PostAnswer,
    PostSummary,
    RiskAnswer,
    SpreadAnswer,
    VariationAnswer,
)
from posts.media_answers import carried_answer, use_answer
from punctual.attempts import Attempt
from punctual.clock import to_text
from punctual.deliveries import Delivery
from punctual.outcome_codes import explained
from punctual.parts import FollowUp, all_deleted_at
from punctual.posts import AtRisk, Post, Variation
from punctual.risks import RISKS
from punctual.timeliness import Day, Spread, spread
from punctual.writing import Written


def post_answer(written: Written) -> PostAnswer:
    return {
        **summary_answer(written.post),
        "deliveries": [delivery_answer(delivery) for delivery in written.deliveries],
        "risks": [_risk(each) for each in written.post.at_risk],
        "warnings": [{"param": each.param, "rule": each.rule, "message": each.message} for each in written.warnings],
    }


def summary_answer(post: Post) -> PostSummary:
    return {
        "id": post.id,
        "status": post.status,
        "rev": post.rev,
        "text": post.text or None,
        "thread": [_follow_up(part) for part in post.thread],
        "first_comment": _follow_up(post.first_comment) if post.first_comment else None,
        "media": [use_answer(each) for each in post.media],
        "targets": [{"channel_id": target.channel_id, **_variation(target)} for target in post.targets],
        "overrides": {provider: _variation(override) for provider, override in post.overrides.items()},
        "scheduled_at": _time(post.due_at),
        "timezone": post.timezone,
        "max_delay_seconds": post.max_delay_seconds,
        "labels": list(post.labels),
        "external_id": post.external_id,
        "metadata": post.metadata,
        "allow_duplicate": post.allow_duplicate,
        "created_at": to_text(post.created_at),
        "updated_at": to_text(post.updated_at),
    }


def delivery_answer(delivery: Delivery) -> DeliveryAnswer:
    return {
        "id": delivery.id,
        "channel_id": delivery.channel_id,
        "provider": delivery.provider,
        "status": delivery.status,
        "text": delivery.text,
        "media": [carried_answer(each) for each in delivery.attached],
        "settings": delivery.settings,
        "woken_by": delivery.woken_by,
        "started_at": _time(delivery.started_at),
        "completed_at": _time(delivery.completed_at),
        "deleted_at": _time(all_deleted_at(delivery.live)),
        "lateness_ms": delivery.lateness_ms,
        "platform_ms": delivery.platform_ms,
        "platform_id": delivery.platform_id,
        "url": delivery.url,
        "parts": _parts(delivery),
        "error": _error(delivery),
    }


def attempt_answer(attempt: Attempt) -> AttemptAnswer:
    return {
        "id": attempt.id,
        "delivery_id": attempt.delivery_id,
        "step": attempt.step,
        "part": attempt.part,
        "started_at": to_text(attempt.started_at),
        "ended_at": _time(attempt.ended_at),
        "outcome": attempt.outcome,
        "code": attempt.code,
        "status": attempt.status,
        "platform_code": attempt.platform_code,
        "platform_id": attempt.platform_id,
        "request_id": attempt.request_id or None,
    }


def day_answer(day: Day) -> DayAnswer:
    return {
        "day": day.day,
        "provider": day.provider,
        "count": len(day.dispatched),
        "excluded": day.excluded,
        "missed": day.missed,
        "dispatch": _spread(spread(day.dispatched)),
        "platform": _spread(spread(day.took)),
    }


def _risk(found: AtRisk) -> RiskAnswer:
    return {
        "delivery_id": found.delivery_id,
        "channel_id": found.channel_id,
        "code": found.code,
        "message": found.message,
        "remediation": RISKS[found.code],
    }


def _spread(found: Spread) -> SpreadAnswer:
    return {"p50_ms": found.p50_ms, "p95_ms": found.p95_ms, "p99_ms": found.p99_ms, "worst_ms": found.worst_ms}


def _error(delivery: Delivery) -> DeliveryError | None:
    if not delivery.error:
        return None
    told = explained(delivery.error, delivery.provider, delivery.status)
    return DeliveryError(**told)  # type: ignore[typeddict-item]  # as stored


def _parts(delivery: Delivery) -> list[PartAnswer]:
    written = (FollowUp(kind="post", text=delivery.text, attached=delivery.attached), *delivery.follow_ups)
    found: list[PartAnswer] = []
    for place, part in enumerate(written):
        live = delivery.live[place] if place < len(delivery.live) else None
        found.append(
            {
                "kind": part.kind,
                "text": part.text,
                "media": [carried_answer(each) for each in part.attached],
                "delay_seconds": part.delay_seconds,
                "platform_id": (live.platform_id or None) if live else None,
                "url": (live.url or None) if live else None,
                "live_at": _time(live.live_at) if live else None,
                "deleted_at": _time(live.deleted_at) if live else None,
            }
        )
    return found


def _variation(given: Variation) -> VariationAnswer:
    found: VariationAnswer = {
        "text": given.text,
        "thread": None if given.thread is None else [_follow_up(part) for part in given.thread],
        "media": None if given.media is None else [use_answer(each) for each in given.media],
        "settings": given.settings,
    }
    if given.first_comment or given.drops_first_comment:
        found["first_comment"] = _follow_up(given.first_comment) if given.first_comment else None
    return found


def _follow_up(part: FollowUp) -> FollowUpAnswer:
    return {"text": part.text, "media": [use_answer(each) for each in part.media], "delay_seconds": part.delay_seconds}


def _time(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None
