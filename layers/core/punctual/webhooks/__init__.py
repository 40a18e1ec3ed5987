"""Webhooks: readers of a workspace's feed that Punctual runs itself. Each endpoint has a lane of its own, with the
number of the event up to which it was served; one worker at a time takes it on.

    endpoints  what a workspace asked for: where to, which events, the secrets that sign
    secrets    their secrets, and how one follows another
    urls       which URLs may be asked for
    lanes      how far each endpoint was served, who is at work on it, and when it rests
    resending  what is to be sent once more
    sends      the log: each event to each endpoint, with its tries
    delays     when a send is tried again, and how long a lane rests
    signing    the request, signed after Standard Webhooks
    calling    one try: the call, and what came of it
    reckoning  what a try's outcome means for its send and for its lane
    gathering  what a lane is to send next
    draining   a lane's slice of work
    waking     messages to the sender, for lanes that have something to do
    testing    one event that is sent at once, to try an endpoint
"""
