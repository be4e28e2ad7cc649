"""People: their addresses, how they come, what they agreed to, how they leave."""
