"""Where cases run: our station in memory or over the wire, or somebody else's; and what the lab has on sockets."""
