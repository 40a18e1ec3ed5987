"""What the functions share: their environment, their clients, and the HTTP edge."""
