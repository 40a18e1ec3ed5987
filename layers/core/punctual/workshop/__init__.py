"""The workshop: where files that strangers made are opened, in a process of its own.

    running     the caller's side: one child a file, without credentials, with bounded memory, time and output
    orders      what is asked of the child
    __main__    the child
    answering   what the child does: sniff, then look, clean or make anew
    sniffing    what type a file is, by its content
    outlines    where the pieces of a picture's file begin and end
    images      pictures: what they are
    cleaning    the same picture without what it says of people and places
    rendering   pictures by a recipe
    moving      animations by a recipe
    colours     sRGB, whatever the source
    videos      videos

Only `running` and `orders` may be imported outside of the child: the others load decoders.
"""
