"""What Mastodon's API says and how it counts, apart from the calls to it."""
