"""How the sandbox speaks: its posts, and its uploads. functions/sandbox/app.py describes it."""
