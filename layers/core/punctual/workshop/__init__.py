"""The workshop: where files that strangers made are opened, in a process of its own.

    running     the caller's side: one child a file, without credentials, with bounded memory, time and output
    orders      what is asked of the child
    __main__    the child
    answering   what the child does: sniff, then look, clean or make anew
    sniffing    what type a file is, by its content
    images      pictures: what they are; `opening`, only as the type that they were found to be
    documents   PDFs: how many pages they have
    outlines    where the pieces of a picture's file begin and end
    locations   whether it says where it was taken
    cleaning    the same picture without what it says of people and places
    rendering   pictures by a recipe: `drawing`, `colours` (sRGB, whatever the source), `sizing`
    moving      animations by a recipe
    videos      videos: `video_reading`, `video_containers`, `video_probing`; `video_copying`; `video_planning`,
                `video_encoding`; `video_frames`

Only `running` and `orders` may be imported outside of the child: the others load decoders.
"""
