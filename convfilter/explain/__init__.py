"""What a kernel is, and what it makes of one pixel: worked out for people to read."""
