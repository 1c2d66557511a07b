# Thin names for `python tools.py VERB`, which works on every system. Arguments: make run ARGS="--seed 7"
PYTHON ?= python3
VERBS := setup run test soak check bench docs package lock clean

.PHONY: help $(VERBS)
help:
	@$(PYTHON) tools.py --help

$(VERBS):
	@$(PYTHON) tools.py $@ $(ARGS)
