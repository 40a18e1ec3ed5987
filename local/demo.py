"""The main job, start to finish, as any client would do it: connect a channel, upload a picture, schedule a post with
both, see it arrive."""

import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from local import browsing, picturing
from local.problems import LocalError, exit_on_problem
from local.stack import LAST_FAILURE, Stack, running

AHEAD_SECONDS = 40  # more than the lead and the Scheduler's precision together: the Scheduler itself must wake the post
PATIENCE_SECONDS = 30
ALT_TEXT = "A clock that says: on its second"
UNFINISHED = {"SCHEDULED", "READY", "PUBLISHING"}

console = Console(highlight=False)


@exit_on_problem
def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begun = time.monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - begun:5.0f} s[/dim]  {text}", soft_wrap=True)

    try:
        with running(say=say) as stack:
            line = show(stack, say)
    except (LocalError, httpx.HTTPError) as error:
        raise LocalError(f"demo: FAILED: {error}\nWhat ran beneath is in {LAST_FAILURE}") from error
    say("Stopped; nothing is left running.")
    print(line)


def show(stack: Stack, say: Any) -> str:
    with stack.client(stack.create_key()) as api:
        channel = connect(api)
        say(f"Connected [b]@{channel['account']['handle']}[/b], an account on the sandbox.")
        media = picturing.uploaded(api, picturing.drawn("On its second"), ALT_TEXT)
        facts = media["facts"]
        say(f"Uploaded a picture, {facts['width']} by {facts['height']}, straight to the bucket; it was probed there.")
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=AHEAD_SECONDS)
        text = f"Hello from Punctual, due at {due:%H:%M:%S} UTC"
        post = answer(api.post("/v1/posts", json={
            "text": text,
            "media": [{"id": media["id"]}],
            "scheduled_at": due.isoformat(),
            "targets": [{"channel_id": channel["id"]}],
        }))  # fmt: skip
        say(f"Scheduled a post for [b]{due:%H:%M:%S}[/b] UTC; EventBridge Scheduler will wake it.")
        post = wait(api, post["id"], due)
        return judge(post, timeline(api), text, due)


def connect(api: httpx.Client) -> dict[str, Any]:
    started = answer(api.post("/v1/oauth/sandbox/start", json={}))
    page = browsing.connect(started["authorization_url"])
    if page.is_error:
        raise LocalError(f"the connection ended on a page that says {page.status_code}: {page.text[:500]}")
    channels = answer(api.get("/v1/channels"))["data"]
    if len(channels) != 1:
        raise LocalError(f"one channel was connected, GET /v1/channels lists {len(channels)}")
    return dict(channels[0])


def wait(api: httpx.Client, post_id: str, due: datetime) -> dict[str, Any]:
    """Until the post has ended, with the seconds counted on the terminal."""
    columns = (TextColumn("         {task.description}"), BarColumn(), TextColumn("{task.fields[left]}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("waiting", total=AHEAD_SECONDS, left="")
        while True:
            post = answer(api.get(f"/v1/posts/{post_id}"))
            left = (due - datetime.now(UTC)).total_seconds()
            progress.update(task, completed=AHEAD_SECONDS - left, description=post["status"], left=f"T {-left:+.0f} s")
            if post["status"] not in UNFINISHED:
                return post
            if left < -PATIENCE_SECONDS:
                raise LocalError(f"the post is still {post['status']} {PATIENCE_SECONDS} s after its time")
            time.sleep(1)


def timeline(api: httpx.Client) -> list[dict[str, Any]]:
    return list(answer(api.get("/sandbox/api/timeline"))["posts"])


def judge(post: dict[str, Any], seen: list[dict[str, Any]], text: str, due: datetime) -> str:
    delivery = post["deliveries"][0]
    if post["status"] != "COMPLETED":
        raise LocalError(f"the post ended {post['status']}: {delivery.get('error')}")
    arrived = [entry for entry in seen if entry["text"] == text]
    if len(arrived) != 1:
        raise LocalError(f"the post is on the sandbox's timeline {len(arrived)} times, not once")
    if datetime.fromisoformat(arrived[0]["arrived_at"]) < due:
        raise LocalError(f"the post arrived at {arrived[0]['arrived_at']}, before its time {due.isoformat()}")
    if [file["alt_text"] for file in arrived[0]["media"]] != [ALT_TEXT]:
        raise LocalError("the post arrived without its picture")
    if delivery["woken_by"] != "schedule":
        raise LocalError(f"the post was woken by {delivery['woken_by']}, not by the schedule")
    return f"demo: COMPLETED woken_by=schedule lateness_ms={delivery['lateness_ms']} url={delivery['url']}"


def answer(response: httpx.Response) -> Any:
    if response.is_error:
        call = f"{response.request.method} {response.request.url.path}"
        raise LocalError(f"{call} answered {response.status_code}: {response.text[:500]}")
    return response.json()


if __name__ == "__main__":
    main()
