"""One record outwards: claim, send once under its request id, keep the answer as the new base."""
