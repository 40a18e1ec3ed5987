"""Events: what happened to posts, deliveries, channels, media and keys, in order, as a feed of each workspace.

event     one of them, and its id, which holds its number
naming    types as users name them
types     all that there are, and what each says
feed      a workspace's events by number, without a gap: appended in transactions, read by whoever follows
reading   those of a feed that somebody wants to see, page by page
kinds     what of an item's change is worth an event, kind by kind
told      what was told last of each item: the difference to what it is now is what is to be told
telling   the work table's stream, told; a change is its own outbox
beats     rows that tell nothing, written so that lost records are noticed
watching  were records lost?
repairing what the stream no longer has, told from the table; repairs is how far that is
"""
