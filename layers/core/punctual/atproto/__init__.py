"""What the AT Protocol asks of every client, apart from any one service that speaks it."""
