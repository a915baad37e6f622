"""Pictures of kernels: the matrix as a heat map, the frequency response, both on a card."""
