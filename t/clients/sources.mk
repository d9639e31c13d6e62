# Tests of t/clients/: published client libraries. Not part of make check: npm has to be asked.
EXTRA_DIST += t/clients/run.sh t/clients/package.json t/clients/nemo_load.mjs \
	t/clients/opik.mjs t/clients/opik_documents.mjs t/clients/otel.mjs

check-clients: all
	top_srcdir='$(top_srcdir)' $(srcdir)/t/clients/run.sh || test $$? -eq 77
.PHONY: check-clients
