"""Media: uploaded or imported files, what was found out about them, what was made of them, and what uses them.

    facts       what probing found in a file
    refusals    why a file is none that Punctual takes
    recipes     what a rendition is to be
    library     a media and its store
    renditions  what was made of one for platforms
    uses        which posts need which media
    wanting     what a post and its deliveries say of media
    shelf       from a delivery's media to the files that its platform gets
    addresses   where platforms that fetch a file find it
    contents    a file's bytes, in the bucket
    importing   files from their URL: fetching, what a host's answer means; storing, the bucket
    judging     a file's facts against a platform's rules: as it is, by a recipe, or not at all

Nothing here opens a file: that is `punctual.workshop`, in a process of its own.
"""
