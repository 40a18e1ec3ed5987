"""Problems of connecting an account; see `problem_types`."""

from punctual.problem_type import ProblemType, conflict, connecting

CONNECTIONS = {
    "wrong_connection": connecting(
        "This provider is connected in another way",
        "Look at connect.method in GET /v1/providers/{provider}.",
    ),
    "app_missing": connecting(
        "Nobody has set an app for this provider",
        "Register an app with the platform and set it, as the detail says: the workspace's own, or the stack's.",
    ),
    "app_not_taken": connecting(
        "This provider takes no app",
        "Connect an account right away: Punctual needs no app there, or registers one itself.",
    ),
    "app_unreadable": ProblemType(
        status=503,
        title="The stack's app could not be read",
        remediation="Send it again; if it stays, whoever runs the stack looks at the log of the oauth function.",
        retryable=True,
        retry_after=10,
    ),
    "app_unusable": connecting(
        "What is set as the stack's app is none",
        "Whoever runs the stack sets it again, as the detail says; a workspace can set its own meanwhile.",
    ),
    "platform_unavailable": ProblemType(
        status=502,
        title="The platform did not play along",
        remediation="Send it again later; nothing was stored.",
        retryable=True,
        retry_after=10,
    ),
    "notice_unreadable": connecting(
        "This is no notice of the platform's", "Only the platform calls this, as its documents say."
    ),
    "notice_unsigned": connecting(
        "The notice is not signed for an app that is known here",
        "Only the platform calls this; it signs with the secret of the app that the person connected with.",
        403,
    ),
    "state_unknown": connecting("The connection is unknown or too old", "Start the connection again."),
    "state_used": connecting("The connection was already finished", "Start the connection again, if it is missing."),
    "state_in_use": ProblemType(
        status=400,
        title="The connection is being finished",
        remediation="Reload the page in a moment.",
        retryable=True,
        retry_after=2,
    ),
    "state_of_other_provider": connecting(
        "The connection was begun with another provider", "Start the connection again."
    ),
    "other_browser": connecting(
        "The connection was begun in another browser", "Start it again, in the browser that will finish it.", 403
    ),
    "issuer_mismatch": connecting(
        "The answer does not come from the platform that was asked", "Start the connection again."
    ),
    "other_account": conflict(
        "It is another account than the channel's",
        "Sign in at the platform as the channel's account, or connect the other one without channel_id.",
    ),
    "link_unknown": ProblemType(
        status=404,
        title="The link is not known, or has expired",
        remediation="Ask whoever sent the link for a new one.",
    ),
    "link_used": conflict("The link was used already", "Ask whoever sent the link for a new one."),
    "not_choosing": conflict(
        "There is nothing to choose",
        "Look at the connection; if it expired, start another one.",
    ),
    "already_chosen": conflict(
        "Other accounts were chosen",
        "Look at the connection; start another one for other accounts.",
    ),
    "choice_in_progress": conflict(
        "The choice is being carried out",
        "Look at the connection after Retry-After.",
        retry_after=5,
    ),
    "callback_incomplete": connecting("The platform sent neither a code nor an error", "Start the connection again."),
}
