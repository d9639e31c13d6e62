EXTRA_DIST += t/soak/soak_test.py

# A minute of everything at once; longer with SOAK_SECONDS=3600.
SOAK_SECONDS = 60
check-soak: all
	python3 $(srcdir)/t/soak/soak_test.py . --seconds $(SOAK_SECONDS)
.PHONY: check-soak
