"""What to do about the outcomes that only AT Protocol servers have."""

from punctual.providers.terms import Remedy

_BY_ITSELF = "Nothing: it is tried again by itself."

REMEDIES = {
    "login_refused": Remedy(remediation="Check the handle, and make a new app password in Bluesky's settings."),
    "account_inactive": Remedy(remediation="Activate the account again in Bluesky's settings, then connect it."),
    "account_unavailable": Remedy(remediation="Look at the account on Bluesky; connect it when it is active."),
    "account_unknown": Remedy(remediation="Check the handle, and whether the account is still there."),
    "no_oauth": Remedy(remediation="Check the server's address, or connect the account with an app password."),
    "other_server": Remedy(remediation="Start again with the account's handle: this server is not its own."),
    "refresh_refused": Remedy(remediation=_BY_ITSELF, retryable=True),
    "proof_refused": Remedy(
        remediation=f"{_BY_ITSELF} If it goes on, a server's clock is wrong.",
        retryable=True,
    ),
    "video_busy": Remedy(remediation=_BY_ITSELF, retryable=True),
    "reply_to_gone": Remedy(remediation="Post the rest anew: what it answers was deleted on Bluesky."),
}
