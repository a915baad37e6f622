"""What kernels do, to be looked at: one picture through many of them, and one step by step."""
