"""Mail to many: broadcasts and the sequence, and the one sender that works through them (R8)."""
