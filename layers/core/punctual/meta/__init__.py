"""What Meta's platforms (Facebook, Instagram, Threads) have in common; the sandbox speaks some of it too."""
