from __future__ import annotations


def runner(seed):
    raise NotImplementedError
