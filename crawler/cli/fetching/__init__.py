"""What `kliping fetch` reads: from the network or at hand, printed or archived."""
