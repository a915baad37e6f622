"""Pictures of kernels and of what they do: matrix, response, contact sheet, sliding window."""
