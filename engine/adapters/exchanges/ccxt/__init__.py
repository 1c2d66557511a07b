"""Any other exchange through the library ccxt (the extra `ccxt`): slower, and lossier, than its own words would be.

Books come whole and in floats, a few times a second and a hundred levels deep; what was missed in between is not known,
and neither are prints that a broken connection missed. Nothing here is imported before somebody asks for it.
"""
