"""How LinkedIn speaks: its versioned API, its text format, posts, uploads and refusals, for members and pages alike."""
