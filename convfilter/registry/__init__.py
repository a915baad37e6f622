"""Where kernels come from: files, inline matrices, and the folders that hold them."""
