"""What a person's consent gave: sealed tokens, how long they live, and what others may know of them.

grants      the store: leased, renewed, buried, forgotten by compare-and-set
stored      a grant as its item has it
life        when it is renewed, when a person is warned, when it is over
facts       what a channel's row repeats of it
login_rows  what leads to it from who logged in
"""
