"""What X's API says and how X counts, apart from the calls to it."""
