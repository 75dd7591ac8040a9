"""Pages about consent to marketing mail: for the holders of addresses, and for us (R8)."""
