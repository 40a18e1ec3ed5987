"""Media: uploaded or imported files, what was found out about them, what was made of them, and what uses them.

    library     a media and its store
    facts       what probing found in a file
    refusals    why a file is none that Punctual takes
    recipes     what a rendition is to be
    renditions  what was made of a media for platforms, and its store
    uses        which posts name which media
    storage     how much a workspace's media hold, and how many files it took today

How a file comes, function `media`, and `importer`, which holds nothing:

    receiving   declared and completed, or asked to be imported
    uploads     forms and parts, signed for the bucket
    importing   from its URL: `fetching`, what a host's answer means; `storing`, what it sends into the bucket
    discarding  deleted, unless a post needs it

What becomes of it, function `media_processor`:

    tending     what each message does, by the media's status; `tools`, what that needs
    probing     what was received is looked into
    rendering   renditions that posts asked for are made
    ending      refused, expired or deleted: its files go
    needs       which posts still need it
    files       in the bucket, and on the function's own disk

How posts have it:

    wanting     what a post and its deliveries say of media
    judging     a file against a platform's rules: as it is, by a recipe, or not at all; `judging_videos`, `limits`
    lists       all that one part carries, taken together
    asking      renditions are asked for when a post is written
    shelf       from a delivery's media to the files that its platform gets
    contents    a file's bytes, by ranges
    addresses   where platforms that fetch a file find it

Nothing here opens a file: that is `punctual.workshop`, in a process of its own.
"""
