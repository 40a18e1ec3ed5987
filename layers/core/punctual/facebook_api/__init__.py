"""How Facebook's pages are spoken to: posts, files, videos, and looking for what went out."""
