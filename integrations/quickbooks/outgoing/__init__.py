"""Our values as QBO's JSON: pure functions, one module per entity.

Only fields that QBO knows are ever named, because it rejects others (2010); a sparse update names
only those that change, because it leaves the others alone (facts 2.3).
"""
